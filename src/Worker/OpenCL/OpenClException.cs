using GpuActors.Shared.Commands;

namespace GpuActors.Worker.OpenCL;

/// <summary>An OpenCL call failed. The message names the call and the error as the standard does.</summary>
public sealed class OpenClException(string call, int code, string? detail = null)
    : Exception($"{call}: {OpenClErrors.Name(code)}{(detail is null ? "" : $": {detail}")}")
{
    /// <summary>The standard's error code.</summary>
    public int Code { get; } = code;

    /// <summary>Throws unless <paramref name="code"/> is success.</summary>
    internal static void ThrowIfFailed(int code, string call)
    {
        if (code != OpenClErrors.Success)
            throw new OpenClException(call, code);
    }
}

/// <summary>There is no OpenCL on this machine, or no device. The message says what to install.</summary>
public sealed class OpenClUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
