using System.Runtime.InteropServices;

namespace GpuActors.Worker.Executors.Engine;

/// <summary>What the executor process needs of Linux and .NET does not offer.</summary>
internal static unsafe partial class Libc
{
    internal const int StandardOutput = 1;
    internal const int MessageDontWait = 0x40;
    internal const int MessagePeek = 0x2;
    internal const int MessageNoSignal = 0x4000;
    internal const int MessageCloseOnExec = 0x40000000;
    internal const int SocketLevel = 1;
    internal const int SocketRights = 1;
    internal const int SocketDomain = 39;
    internal const int UnixFamily = 1;
    internal const int ShutdownBoth = 2;
    internal const short PollIn = 0x001;
    internal const short PollOut = 0x004;
    internal const short PollErr = 0x008;
    internal const short PollHangUp = 0x010;
    internal const short PollPeerClosed = 0x2000;
    internal const int OpenReadWrite = 0x2;
    internal const int OpenCreate = 0x40;
    internal const int OpenNonBlock = 0x800;
    internal const int OpenCloseOnExec = 0x80000;
    internal const int OwnerReadWrite = 0x180; // 0600
    internal const int LockExclusive = 2;
    internal const int FcntlGetFd = 1;
    internal const int FcntlSetFlags = 4;
    internal const int FcntlAddSeals = 1033;
    internal const int SealSeal = 1;
    internal const int SealShrink = 2;
    internal const int SealGrow = 4;
    internal const int MemoryCloseOnExec = 1;
    internal const int MemoryMaySeal = 2;
    internal const int CloseOnExec = 1;
    internal const int ResourceData = 2;
    internal const int ResourceCore = 4;
    internal const int PrctlSetNoNewPrivileges = 38;
    internal const int PrctlSetDumpable = 4;
    internal const int PrctlSetTimerSlack = 29;
    internal const int ProtectRead = 1;
    internal const int ProtectWrite = 2;
    internal const int MapShared = 0x01;
    internal const int MapPrivate = 0x02;
    internal const int MapAnonymous = 0x20;
    internal const int MapNoReserve = 0x4000;
    internal const int AdviseHugePage = 14;
    internal const nuint FionRead = 0x541B;

    internal const int ErrorInterrupted = 4;
    internal const int ErrorAgain = 11;

    private const string Library = "libc";

    /// <summary>Ends the process at once: no finalizers, no atexit handlers, whatever other threads do.</summary>
    [LibraryImport(Library, EntryPoint = "_exit")]
    internal static partial void ExitNow(int code);

    [LibraryImport(Library, EntryPoint = "recv", SetLastError = true)]
    internal static partial nint Receive(int socket, void* buffer, nuint length, int flags);

    [LibraryImport(Library, EntryPoint = "sendmsg", SetLastError = true)]
    internal static partial nint SendMessage(int socket, MessageHeader* message, int flags);

    [LibraryImport(Library, EntryPoint = "recvmsg", SetLastError = true)]
    internal static partial nint ReceiveMessage(int socket, MessageHeader* message, int flags);

    /// <summary>Ends both directions for every process that has the socket.</summary>
    [LibraryImport(Library, EntryPoint = "shutdown", SetLastError = true)]
    internal static partial int ShutDown(int socket, int how);

    [LibraryImport(Library, EntryPoint = "getsockopt", SetLastError = true)]
    internal static partial int GetSocketOption(int socket, int level, int option, void* value, uint* length);

    /// <summary>Memory without a name in any file system (memfd_create(2)).</summary>
    [LibraryImport(Library, EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int CreateMemory(string name, uint flags);

    [LibraryImport(Library, EntryPoint = "ftruncate", SetLastError = true)]
    internal static partial int Truncate(int descriptor, nint length);

    [LibraryImport(Library, EntryPoint = "poll", SetLastError = true)]
    internal static partial int Poll(PollDescriptor* descriptors, nuint count, int timeoutMs);

    [LibraryImport(Library, EntryPoint = "read", SetLastError = true)]
    internal static partial nint Read(int descriptor, void* buffer, nuint count);

    [LibraryImport(Library, EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Open(string path, int flags, int mode);

    /// <summary>Waits for the lock of the file, which ends with the descriptor or the process.</summary>
    [LibraryImport(Library, EntryPoint = "flock", SetLastError = true)]
    internal static partial int Lock(int descriptor, int operation);

    [LibraryImport(Library, EntryPoint = "close", SetLastError = true)]
    internal static partial int Close(int descriptor);

    [LibraryImport(Library, EntryPoint = "dup2", SetLastError = true)]
    internal static partial int Duplicate(int from, int to);

    [LibraryImport(Library, EntryPoint = "pipe2", SetLastError = true)]
    internal static partial int Pipe(int* descriptors, int flags);

    [LibraryImport(Library, EntryPoint = "fcntl", SetLastError = true)]
    internal static partial int Fcntl(int descriptor, int command, nint argument);

    [LibraryImport(Library, EntryPoint = "ioctl", SetLastError = true)]
    internal static partial int Ioctl(int descriptor, nuint request, void* argument);

    [LibraryImport(Library, EntryPoint = "prctl", SetLastError = true)]
    internal static partial int Prctl(int option, nuint second, nuint third, nuint fourth, nuint fifth);

    [LibraryImport(Library, EntryPoint = "setrlimit", SetLastError = true)]
    internal static partial int SetResourceLimit(int resource, ResourceLimit* limit);

    [LibraryImport(Library, EntryPoint = "mmap", SetLastError = true)]
    internal static partial void* Map(void* address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport(Library, EntryPoint = "munmap", SetLastError = true)]
    internal static partial int Unmap(void* address, nuint length);

    [LibraryImport(Library, EntryPoint = "madvise", SetLastError = true)]
    internal static partial int Advise(void* address, nuint length, int advice);

    [LibraryImport(Library, EntryPoint = "setvbuf", SetLastError = true)]
    internal static partial int SetBuffering(nint stream, void* buffer, int mode, nuint size);

    [LibraryImport(Library, EntryPoint = "rename", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Rename(string from, string to);

    [LibraryImport(Library, EntryPoint = "umask")]
    internal static partial uint SetFileMask(uint mask);

    /// <summary>Throws when a call returned −1.</summary>
    internal static void ThrowIfFailed(nint result, string call)
    {
        if (result == -1)
            throw new IOException($"{call}: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct IoVector
    {
        public void* Start;
        public nuint Length;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct MessageHeader
    {
        public void* Name;
        public uint NameLength;
        public IoVector* Vectors;
        public nuint VectorCount;
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

        /// <summary>Bytes of header and descriptor, without the padding.</summary>
        public static nuint ContentBytes => (nuint)sizeof(nuint) + (3 * sizeof(int));
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct ResourceLimit
    {
        public ulong Current;
        public ulong Maximum;
    }
}
