using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using GpuActors.Shared.Commands;

namespace GpuActors.Interception.Handles;

/// <summary>
/// Where a <c>clGet…Info</c> call wants its value: the same three parameters in all of them. Every method returns the
/// call's result.
/// </summary>
internal readonly unsafe struct InfoAnswer(nuint size, void* value, nuint* needed)
{
    /// <summary>The program's destination; null when only the size is asked for.</summary>
    public void* Destination => value;

    /// <summary>The destination's size.</summary>
    public nuint Size => size;

    /// <summary>Bytes as they are.</summary>
    public int Bytes(ReadOnlySpan<byte> bytes)
    {
        if (value is not null)
        {
            if (size < (nuint)bytes.Length)
                return OpenClErrors.InvalidValue;
            bytes.CopyTo(new Span<byte>(value, bytes.Length));
        }
        return Length((nuint)bytes.Length);
    }

    /// <summary>A number, a handle, a structure.</summary>
    public int Value<T>(T number)
        where T : unmanaged => Bytes(MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in number)));

    /// <summary><c>cl_bool</c>.</summary>
    public int Flag(bool flag) => Value(flag ? 1u : 0u);

    /// <summary>An array of numbers, handles, structures.</summary>
    public int Array<T>(ReadOnlySpan<T> items)
        where T : unmanaged => Bytes(MemoryMarshal.AsBytes(items));

    /// <summary>A text with its terminating zero.</summary>
    public int Text(string text) => Bytes(Encoding.UTF8.GetBytes(text + '\0'));

    /// <summary>Says how long the value is that the caller has written itself.</summary>
    public int Length(nuint bytes)
    {
        if (needed is not null)
            *needed = bytes;
        return OpenClErrors.Success;
    }
}
