using GpuActors.Shared.Commands;

namespace GpuActors.Interception.Handles;

/// <summary>A call fails with this OpenCL code. Entry points turn it into their result.</summary>
internal sealed class ClFailure(int code, string? why = null) : Exception(why)
{
    /// <summary>The standard's code, negative.</summary>
    public int Code { get; } = ToStandard(code);

    /// <summary>A code of the protocol as one that programs know.</summary>
    public static int ToStandard(int code) => code switch
    {
        OpenClErrors.SessionRefused => OpenClErrors.DeviceNotAvailable,
        <= OpenClErrors.Protocol => OpenClErrors.OutOfResources,
        _ => code,
    };

    /// <summary>Throws unless the condition holds.</summary>
    public static void Unless(bool holds, int code)
    {
        if (!holds)
            throw new ClFailure(code);
    }
}
