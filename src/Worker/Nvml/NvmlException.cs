namespace GpuActors.Worker.Nvml;

/// <summary>An NVML call failed. The message names the call and says what the library says of the error.</summary>
/// <param name="call">The function's name.</param>
/// <param name="code">What it returned.</param>
/// <param name="text">What <c>nvmlErrorString</c> says of that.</param>
public sealed class NvmlException(string call, NvmlCode code, string text)
    : Exception($"{call}: {text} ({(int)code}){Advice(code)}")
{
    /// <summary>What the call returned.</summary>
    public NvmlCode Code { get; } = code;

    private static string Advice(NvmlCode code) => code switch
    {
        NvmlCode.NoPermission =>
            "; changing MIG needs root, CAP_SYS_ADMIN or, for instances, access to the driver's mig/config capability",
        NvmlCode.FunctionNotFound => "; the driver is too old for it",
        _ => "",
    };
}

/// <summary>NVML was asked for by its path and can't be used. The message says why.</summary>
public sealed class NvmlUnavailableException(string message, Exception? inner = null)
    : ArgumentException(message, inner);
