using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace GpuActors.LocalCluster.Emulation;

/// <summary>The calls of Linux by which namespaces and network devices of a process are made (unshare(2), tun.txt).</summary>
internal static unsafe partial class Kernel
{
    private const int CloneNewNet = 0x40000000;
    private const nuint TunSetInterface = 0x400454ca;
    private const int NameBytes = 16; // of an interface, with a final zero
    private const int RequestBytes = 40;
    private const short Tun = 0x0001;
    private const short NoPacketInformation = 0x1000;
    private const int ReadWrite = 2;
    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;
    private const short Readable = 1;

    /// <summary>Puts the calling thread, and what is opened by it from now on, into a network namespace of its own.</summary>
    public static void UnshareNetwork() => Check(Unshare(CloneNewNet), "unshare");

    /// <summary>A network device in the calling thread's namespace; what is sent there is read from its handle.</summary>
    public static SafeFileHandle OpenTun(string name)
    {
        var handle = new SafeFileHandle(Open("/dev/net/tun", ReadWrite | NonBlocking | CloseOnExec), ownsHandle: true);
        Check(handle.IsInvalid ? -1 : 0, "open /dev/net/tun");
        var request = stackalloc byte[RequestBytes];
        new Span<byte>(request, RequestBytes).Clear();
        Encoding.ASCII.GetBytes(name, new Span<byte>(request, NameBytes - 1));
        *(short*)(request + NameBytes) = Tun | NoPacketInformation;
        Check(Control(handle, TunSetInterface, request), "TUNSETIFF");
        return handle;
    }

    /// <summary>Waits until there is something to read.</summary>
    public static void WaitReadable(SafeFileHandle handle, TimeSpan longest)
    {
        var wanted = new PollDescriptor { Descriptor = (int)handle.DangerousGetHandle(), Events = Readable };
        var time = new TimeSpec
        {
            Seconds = longest.Ticks / TimeSpan.TicksPerSecond,
            Nanoseconds = longest.Ticks % TimeSpan.TicksPerSecond * TimeSpan.NanosecondsPerTick,
        };
        _ = Poll(&wanted, 1, &time, null);
    }

    /// <summary>One packet; less than 1: there is none now.</summary>
    public static int Receive(SafeFileHandle handle, Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            return (int)Read(handle, start, (nuint)buffer.Length);
        }
    }

    /// <summary>One packet; a device that is not up drops it.</summary>
    public static void Send(SafeFileHandle handle, ReadOnlySpan<byte> packet)
    {
        fixed (byte* start = packet)
        {
            _ = Write(handle, start, (nuint)packet.Length);
        }
    }

    private static void Check(int code, string call)
    {
        if (code < 0)
        {
            throw new IOException($"{call}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
        }
    }

    private struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Happened;
    }

    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }

    [LibraryImport("libc", EntryPoint = "unshare", SetLastError = true)]
    private static partial int Unshare(int kinds);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(SafeFileHandle handle, nuint request, byte* argument);

    [LibraryImport("libc", EntryPoint = "ppoll")]
    private static partial int Poll(PollDescriptor* descriptors, nuint count, TimeSpec* timeout, void* signals);

    [LibraryImport("libc", EntryPoint = "read")]
    private static partial nint Read(SafeFileHandle handle, byte* buffer, nuint size);

    [LibraryImport("libc", EntryPoint = "write")]
    private static partial nint Write(SafeFileHandle handle, byte* buffer, nuint size);
}
