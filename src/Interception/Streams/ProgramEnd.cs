using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace GpuActors.Interception.Streams;

/// <summary>
/// The end of the program: executors hear that no other connection will come, so that they do not wait for one. Their
/// streams work on, since the program's own functions at exit may still use them.
/// </summary>
internal static unsafe class ProgramEnd
{
    private static readonly Lock Gate = new();
    private static readonly List<ResumableTransport> Streams = [];
    private static readonly int Process = Libc.ProcessId();
    private static bool _isRegistered;

    /// <summary>This one is to hear it.</summary>
    public static void Tell(ResumableTransport stream)
    {
        lock (Gate)
        {
            Streams.Add(stream);
            if (_isRegistered)
                return;
            _isRegistered = true;
            _ = Libc.AtExit(&OnExit, null, null); // without it, executors wait
        }
    }

    /// <summary>It has ended.</summary>
    public static void Forget(ResumableTransport stream)
    {
        lock (Gate)
            Streams.Remove(stream);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnExit(void* argument)
    {
        if (Libc.ProcessId() != Process || !Gate.TryEnter())
            return; // a fork's exit is not the program's
        try
        {
            foreach (ResumableTransport stream in Streams)
                stream.SayLast();
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // executors find out by themselves
        }
        finally
        {
            Gate.Exit();
        }
    }
}
