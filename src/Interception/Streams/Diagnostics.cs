using GpuActors.Shared.Commands;

namespace GpuActors.Interception.Streams;

/// <summary>
/// What people should know beyond OpenCL's codes. A lost connection is said once, on standard error; with
/// <c>GPUACTORS_TRACE=1</c> every failure is.
/// </summary>
internal static class Diagnostics
{
    private static readonly bool IsTracing = Environment.GetEnvironmentVariable("GPUACTORS_TRACE") is { Length: > 0 } and not "0";

    /// <summary>A line on standard error.</summary>
    public static void Say(string line) => Console.Error.WriteLine("GpuActors: " + line);

    /// <summary>A call fails.</summary>
    public static void Trace(int code, Exception exception)
    {
        if (IsTracing)
            Say($"{OpenClErrors.Name(code)}: {exception.GetType().Name} {exception.Message} {exception.StackTrace}");
    }

    /// <summary>A command that nobody waits for has failed.</summary>
    public static void Trace(ulong sequence, in Error error)
    {
        if (IsTracing)
            Say($"command {sequence} failed with {OpenClErrors.Name(error.Code)}: {error.Text}");
    }
}
