using GpuActors.Shared.Commands;

namespace GpuActors.Worker.Executors.Engine;

/// <summary>A command of the session cannot be done. Becomes an Error frame; the session goes on.</summary>
internal sealed class CommandFailure(int code, string text, ulong objectId = 0) : Exception(text)
{
    public int Code { get; } = code;

    public ulong Object { get; } = objectId;

    public Error ToError() => new(Code, Object, Message);

    /// <summary>Throws when an OpenCL call failed.</summary>
    public static void ThrowIfFailed(int code, string call, ulong objectId = 0)
    {
        if (code != OpenClErrors.Success)
            throw new CommandFailure(code, $"{call} failed", objectId);
    }
}
