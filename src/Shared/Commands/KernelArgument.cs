using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace GpuActors.Shared.Commands;

/// <summary>What a kernel argument is.</summary>
public enum ArgumentKind : byte
{
    /// <summary>A buffer or image, by object id; id 0 is the null pointer.</summary>
    Memory = 1,

    /// <summary>A sampler, by object id.</summary>
    Sampler = 2,

    /// <summary>Local memory of a size in bytes.</summary>
    Local = 3,

    /// <summary>Bytes passed by value, exactly as long as the kernel's parameter.</summary>
    Value = 4,
}

/// <summary>One argument of a launch, captured when the launch is enqueued.</summary>
public readonly struct KernelArgument : IEquatable<KernelArgument>
{
    private readonly Bytes _data;
    private readonly byte _inlineBytes;

    private KernelArgument(ArgumentKind kind, ulong number)
    {
        Kind = kind;
        Number = number;
    }

    private KernelArgument(ulong number, byte inlineBytes)
        : this(ArgumentKind.Value, number) => _inlineBytes = inlineBytes;

    private KernelArgument(Bytes data)
        : this(ArgumentKind.Value, 0) => _data = data;

    /// <summary>What the argument is.</summary>
    public ArgumentKind Kind { get; }

    /// <summary>Object id of memory or sampler; bytes of local memory; the value's bytes when it has at most 8.</summary>
    public ulong Number { get; }

    /// <summary>Bytes of a by-value argument; 0 for the other kinds.</summary>
    public int ValueBytes => Kind == ArgumentKind.Value ? Math.Max(_inlineBytes, _data.Length) : 0;

    public static bool operator ==(KernelArgument left, KernelArgument right) => left.Equals(right);

    public static bool operator !=(KernelArgument left, KernelArgument right) => !left.Equals(right);

    /// <summary>The buffer or image <paramref name="id"/>; 0 is the null pointer.</summary>
    public static KernelArgument Memory(ulong id) => new(ArgumentKind.Memory, id);

    /// <summary>The sampler <paramref name="id"/>.</summary>
    public static KernelArgument Sampler(ulong id) => new(ArgumentKind.Sampler, id);

    /// <summary>Local memory of <paramref name="bytes"/>.</summary>
    public static KernelArgument Local(ulong bytes) => new(ArgumentKind.Local, bytes);

    /// <summary>Bytes by value: a struct, a vector, or a scalar as the device lays it out.</summary>
    public static KernelArgument Value(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length > sizeof(ulong))
            return new KernelArgument(bytes);
        Span<byte> padded = stackalloc byte[sizeof(ulong)];
        padded.Clear();
        bytes.Span.CopyTo(padded);
        return new KernelArgument(BinaryPrimitives.ReadUInt64LittleEndian(padded), (byte)bytes.Length);
    }

    public static KernelArgument Value(int value) => new((uint)value, sizeof(int));

    public static KernelArgument Value(uint value) => new(value, sizeof(uint));

    public static KernelArgument Value(long value) => new((ulong)value, sizeof(long));

    public static KernelArgument Value(ulong value) => new(value, sizeof(ulong));

    public static KernelArgument Value(float value) => new(BitConverter.SingleToUInt32Bits(value), sizeof(float));

    public static KernelArgument Value(double value) => new(BitConverter.DoubleToUInt64Bits(value), sizeof(double));

    /// <summary>Copies a by-value argument's <see cref="ValueBytes"/> bytes.</summary>
    public void CopyValueTo(Span<byte> destination)
    {
        if (_inlineBytes == 0)
        {
            _data.Span.CopyTo(destination);
            return;
        }
        ulong number = Number;
        Span<byte> bytes = MemoryMarshal.AsBytes(new Span<ulong>(ref number));
        bytes[.._inlineBytes].CopyTo(destination);
    }

    public bool Equals(KernelArgument other) =>
        Kind == other.Kind && Number == other.Number && _inlineBytes == other._inlineBytes && _data == other._data;

    public override bool Equals(object? obj) => obj is KernelArgument other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(Kind, Number, _inlineBytes, _data);

    public override string ToString() => Kind == ArgumentKind.Value ? $"{ValueBytes} bytes" : $"{Kind} {Number}";

    internal void Write(ref FrameWriter writer)
    {
        writer.U8((byte)Kind);
        if (Kind != ArgumentKind.Value)
        {
            writer.U64(Number);
            return;
        }
        if (_inlineBytes == 0)
        {
            writer.Bytes(_data.Span, ProtocolLimits.MaxArgumentBytes, "argument value");
            return;
        }
        Span<byte> value = stackalloc byte[sizeof(ulong)];
        CopyValueTo(value);
        writer.Bytes(value[.._inlineBytes], ProtocolLimits.MaxArgumentBytes, "argument value");
    }

    internal static KernelArgument Read(ref FrameReader reader)
    {
        var kind = (ArgumentKind)reader.U8("argument kind");
        return kind switch
        {
            ArgumentKind.Value => Value(reader.Bytes(ProtocolLimits.MaxArgumentBytes, "argument value").Memory),
            ArgumentKind.Memory or ArgumentKind.Sampler or ArgumentKind.Local => new(kind, reader.U64("argument")),
            _ => throw reader.Wrong("argument kind", $"is {(byte)kind}; 1 to 4 are allowed"),
        };
    }
}

/// <summary>
/// All arguments of a launch, by index: an array at the sender; at the receiver read once from the frame into an
/// array that the caller of the decoder owns.
/// </summary>
public readonly struct ArgumentList : IEquatable<ArgumentList>
{
    private readonly KernelArgument[]? _arguments;

    /// <summary>Lists <paramref name="arguments"/>; the array must not change until the command is sent.</summary>
    public ArgumentList(params KernelArgument[] arguments) => _arguments = arguments;

    /// <summary>The arguments, index 0 first.</summary>
    public ReadOnlySpan<KernelArgument> Span => _arguments;

    /// <summary>How many.</summary>
    public int Count => _arguments?.Length ?? 0;

    public static implicit operator ArgumentList(KernelArgument[] arguments) => new(arguments);

    public static bool operator ==(ArgumentList left, ArgumentList right) => left.Equals(right);

    public static bool operator !=(ArgumentList left, ArgumentList right) => !left.Equals(right);

    public bool Equals(ArgumentList other) => Span.SequenceEqual(other.Span);

    public override bool Equals(object? obj) => obj is ArgumentList other && Equals(other);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (KernelArgument argument in Span)
            hash.Add(argument);
        return hash.ToHashCode();
    }

    public override string ToString() => $"({string.Join(", ", _arguments ?? [])})";

    internal void Write(ref FrameWriter writer)
    {
        writer.Count(Count, ProtocolLimits.MaxKernelArguments, "arguments");
        foreach (KernelArgument argument in Span)
            argument.Write(ref writer);
    }

    internal static ArgumentList Read(ref FrameReader reader)
    {
        const int EntryBytesMin = 5;
        int count = reader.Count(ProtocolLimits.MaxKernelArguments, EntryBytesMin, "arguments");
        if (count == 0)
            return default;
        var arguments = new KernelArgument[count];
        for (var i = 0; i < count; i++)
            arguments[i] = KernelArgument.Read(ref reader);
        return arguments;
    }
}
