using System.Runtime.InteropServices;

namespace GpuActors.Interception.Streams;

/// <summary>The C library's calls, without anything between: they are on the path of every command.</summary>
internal static unsafe partial class Libc
{
    internal const int Interrupted = 4;
    internal const int Again = 11;
    internal const int DontWait = 0x40;
    internal const int CloseOnExec = 0x40000000; // of a received descriptor
    internal const int SocketLevel = 1;
    internal const int SocketRights = 1;
    internal const short PollIn = 1;
    internal const short PollOut = 4;
    internal const short PollError = 8;
    internal const short PollHangUp = 0x10;
    internal const short PollPeerClosed = 0x2000;
    internal const int NoSignal = 0x4000;
    internal const int EventNonBlocking = 0x800;
    internal const int EventCloseOnExec = 0x80000;

    internal const int FcntlDuplicate = 1030; // with close-on-exec
    internal const int OpenCloseOnExec = 0x80000;
    internal const int FcntlGetSeals = 1034;
    internal const int SealShrink = 2;
    internal const int SeekEnd = 2;
    internal const int ProtectRead = 1;
    internal const int ProtectWrite = 2;
    internal const int MapShared = 1;
    internal const int AdviseDontFork = 10;

    private const string Library = "libc";
    private const int FutexWait = 0;
    private const int FutexWake = 1;

    private static readonly nint FutexCall = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 202 : 98;

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

    /// <summary>A control message with one file descriptor (cmsg(3), SCM_RIGHTS).</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct DescriptorMessage
    {
        public nuint Length;
        public int Level;
        public int Type;
        public int Descriptor;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
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

    [LibraryImport(Library, EntryPoint = "recvmsg", SetLastError = true)]
    internal static partial nint Receive(int descriptor, Message* message, int flags);

    [LibraryImport(Library, EntryPoint = "close", SetLastError = true)]
    internal static partial int Close(int descriptor);

    [LibraryImport(Library, EntryPoint = "fcntl", SetLastError = true)]
    internal static partial int Fcntl(int descriptor, int command, nint argument);

    /// <summary>The second number is the first one's file from here on, whatever it was.</summary>
    [LibraryImport(Library, EntryPoint = "dup3", SetLastError = true)]
    internal static partial int Duplicate(int descriptor, int number, int flags);

    [LibraryImport(Library, EntryPoint = "getpid")]
    internal static partial int ProcessId();

    /// <summary>
    /// Has a function called when the program ends by <c>exit</c> or by returning from <c>main</c>; <c>atexit</c> itself is no
    /// function of the shared library.
    /// </summary>
    [LibraryImport(Library, EntryPoint = "__cxa_atexit")]
    internal static partial int AtExit(delegate* unmanaged[Cdecl]<void*, void> function, void* argument, void* library);

    [LibraryImport(Library, EntryPoint = "lseek", SetLastError = true)]
    internal static partial nint Seek(int descriptor, nint offset, int from);

    [LibraryImport(Library, EntryPoint = "mmap", SetLastError = true)]
    internal static partial void* Map(void* address, nuint bytes, int protection, int flags, int descriptor, nint offset);

    [LibraryImport(Library, EntryPoint = "madvise", SetLastError = true)]
    internal static partial int Advise(void* address, nuint bytes, int advice);

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

    /// <summary>Sleeps while a word that processes share is so, at most for some time (futex(2)).</summary>
    internal static void Sleep(uint* word, uint expected, int milliseconds)
    {
        var limit = new TimeSpec { Nanoseconds = milliseconds * 1_000_000L };
        _ = Futex(FutexCall, word, FutexWait, expected, &limit, null, 0);
    }

    /// <summary>Wakes who sleeps on the word.</summary>
    internal static void WakeAll(uint* word) => _ = Futex(FutexCall, word, FutexWake, int.MaxValue, null, null, 0);

    [LibraryImport(Library, EntryPoint = "syscall", SetLastError = true)]
    private static partial nint Futex(
        nint number, uint* word, int operation, uint value, TimeSpec* timeout, uint* second, uint third);

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
