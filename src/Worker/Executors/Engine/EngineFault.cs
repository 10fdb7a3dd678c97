namespace GpuActors.Worker.Executors.Engine;

/// <summary>Exit codes of an executor process, after sysexits.h where that has one.</summary>
internal static class ExitCode
{
    public const int Success = 0;
    public const int Usage = 64;
    public const int NoDevice = 69;
    public const int Internal = 70;
    public const int Protocol = 76;

    /// <summary>The worker is gone.</summary>
    public const int Orphaned = 77;

    /// <summary>The worker did not renew its lease in time; a session was open.</summary>
    public const int LeaseEnded = 78;
}

/// <summary>Ends the process when it is not in a state to go on; the worker sees code and text.</summary>
internal static class EngineFault
{
    public static void Exit(Exception exception)
    {
        Console.Error.WriteLine($"executor: {exception}");
        Libc.ExitNow(ExitCode.Internal);
    }
}
