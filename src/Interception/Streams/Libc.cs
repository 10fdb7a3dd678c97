using System.Runtime.InteropServices;

namespace GpuActors.Interception.Streams;

/// <summary>The C library's calls, without anything between: they are on the path of every command.</summary>
internal static unsafe partial class Libc
{
    internal const int Interrupted = 4;
    internal const short PollIn = 1;
    internal const short PollOut = 4;
    internal const int NoSignal = 0x4000;
    internal const int EventNonBlocking = 0x800;
    internal const int EventCloseOnExec = 0x80000;

    private const string Library = "libc";

    [StructLayout(LayoutKind.Sequential)]
    internal struct Piece
    {
        public void* Start;
        public nuint Length;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct Message
    {
        public void* Name;
        public uint NameLength;
        public Piece* Pieces;
        public nuint Count;
        public void* Control;
        public nuint ControlLength;
        public int Flags;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    [LibraryImport(Library, EntryPoint = "recv", SetLastError = true)]
    internal static partial nint Receive(int descriptor, void* into, nuint bytes, int flags);

    [LibraryImport(Library, EntryPoint = "sendmsg", SetLastError = true)]
    internal static partial nint Send(int descriptor, Message* message, int flags);

    [LibraryImport(Library, EntryPoint = "poll", SetLastError = true)]
    internal static partial int Poll(PollDescriptor* descriptors, nuint count, int milliseconds);

    [LibraryImport(Library, EntryPoint = "eventfd", SetLastError = true)]
    internal static partial int EventDescriptor(uint initial, int flags);

    [LibraryImport(Library, EntryPoint = "read", SetLastError = true)]
    internal static partial nint Read(int descriptor, void* into, nuint bytes);

    [LibraryImport(Library, EntryPoint = "write", SetLastError = true)]
    internal static partial nint Write(int descriptor, void* from, nuint bytes);

    [LibraryImport(Library, EntryPoint = "getrandom", SetLastError = true)]
    internal static partial nint Random(void* into, nuint bytes, uint flags);

    [LibraryImport(Library, EntryPoint = "fwrite")]
    internal static partial nuint WriteToFile(void* from, nuint size, nuint count, nint file);

    [LibraryImport(Library, EntryPoint = "fflush")]
    internal static partial int FlushFile(nint file);

    /// <summary>Bytes that nobody can guess.</summary>
    internal static void FillRandom(Span<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            if (Random(start, (nuint)bytes.Length, 0) != bytes.Length) // never short up to 256 bytes
                throw new IOException("getrandom failed");
        }
    }
}
