using GpuActors.Shared.Commands;
using GpuActors.Shared.Jobs;

namespace GpuActors.Worker.Jobs;

/// <summary>
/// Remembers which place of the document each command under way stands for, and which commands failed. Filled by the
/// sender, failures by the connection's receiver.
/// </summary>
internal sealed class CommandLedger
{
    private readonly Lock _lock = new();
    private readonly Queue<(ulong Sequence, JsonPointer Place)> _commands = new();
    private (ulong Sequence, Error Error)? _failure;

    /// <summary>A command has failed.</summary>
    public bool HasFailure
    {
        get
        {
            lock (_lock)
            {
                return _failure is not null;
            }
        }
    }

    /// <summary>A command was sent.</summary>
    public void Add(ulong sequence, JsonPointer place)
    {
        lock (_lock)
        {
            _commands.Enqueue((sequence, place));
        }
    }

    /// <summary>All commands up to one are done.</summary>
    public void Forget(ulong sequence)
    {
        lock (_lock)
        {
            while (_commands.TryPeek(out var command) && command.Sequence <= sequence)
            {
                _commands.Dequeue();
            }
        }
    }

    /// <summary>A command failed; the earliest is the cause of the others.</summary>
    public void Fail(ulong sequence, Error error)
    {
        lock (_lock)
        {
            if (_failure is not { } known || sequence < known.Sequence)
            {
                _failure = (sequence, error);
            }
        }
    }

    /// <summary>What happened, with its place; null if no command failed.</summary>
    public JobFailure? Describe()
    {
        lock (_lock)
        {
            if (_failure is not { } failure)
            {
                return null;
            }

            var place = _commands.FirstOrDefault(command => command.Sequence >= failure.Sequence);
            return JobFailureException.Of(
                failure.Error.Code, failure.Error.Text, place.Sequence == failure.Sequence ? place.Place : null);
        }
    }
}
