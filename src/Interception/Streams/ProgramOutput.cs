using System.Runtime.InteropServices;

namespace GpuActors.Interception.Streams;

/// <summary>The program's standard output, through the C library, so that kernels' lines and the program's own keep their order.</summary>
internal static unsafe class ProgramOutput
{
    private static readonly nint* StandardOutput = Find();

    /// <summary>Writes what kernels printed.</summary>
    public static void Write(ReadOnlySpan<byte> text)
    {
        fixed (byte* start = text)
        {
            _ = Libc.WriteToFile(start, 1, (nuint)text.Length, *StandardOutput);
            _ = Libc.FlushFile(*StandardOutput);
        }
    }

    private static nint* Find() =>
        (nint*)NativeLibrary.GetExport(NativeLibrary.Load("libc.so.6"), "stdout");
}
