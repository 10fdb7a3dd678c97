namespace GpuActors.Shared.Commands;

/// <summary>The executor refused a command, or the session ended under it.</summary>
public sealed class CommandException(ulong sequence, Error error)
    : Exception($"command #{sequence}: {OpenClErrors.Name(error.Code)}: {error.Text}")
{
    /// <summary>The command.</summary>
    public ulong Sequence { get; } = sequence;

    /// <summary>OpenCL error code, or one of ours: see <see cref="OpenClErrors"/>.</summary>
    public int Code { get; } = error.Code;

    /// <summary>The object that failed, or 0.</summary>
    public ulong Object { get; } = error.Object;

    /// <summary>What was wrong, without code and command.</summary>
    public string Detail { get; } = error.Text;
}
