using GpuActors.Shared.Commands;

namespace GpuActors.Worker.Jobs;

/// <summary>
/// Sends a job's commands without waiting for each, in groups that end with a fence. Fences are where progress is seen
/// and where sending waits: few groups are under way at a time. A group is as long as takes about the time between two
/// reports of progress, so quick steps cost no waiting and slow ones are reported one by one.
/// </summary>
internal sealed class JobStream(
    ICommandSink sink, JobInputs inputs, JobOutputs outputs, CommandLedger ledger, Markers markers,
    ProgressReport progress, TimeProvider time)
{
    private const int MaxGroups = 3;
    private const int FirstGroupSteps = 4;
    private const int MaxGroupSteps = 1024;

    private static readonly TimeSpan ShortGroup = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan LongGroup = TimeSpan.FromMilliseconds(100);

    private readonly Queue<Group> _groups = new();
    private int _groupSteps = FirstGroupSteps;
    private int _stepsInGroup;
    private long _stepsSent;
    private ulong _lastSequence;
    private long _groupEndedAt = time.GetTimestamp();

    /// <summary>Sends all commands and waits until they are done.</summary>
    /// <exception cref="JobFailureException">A number of a step, or an output's size, is out of range.</exception>
    /// <exception cref="CommandException">A command failed.</exception>
    public async Task RunAsync(IEnumerable<JobCommand> commands, CancellationToken cancellationToken)
    {
        foreach (var command in commands)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (ledger.HasFailure)
            {
                break;
            }

            await SendAsync(command, cancellationToken).ConfigureAwait(false);
            if (command.EndsStep && ++_stepsInGroup >= _groupSteps)
            {
                await EndGroupAsync(cancellationToken).ConfigureAwait(false);
            }
        }

        SendFence(cancellationToken);
        while (_groups.Count > 0)
        {
            await WaitForGroupAsync().ConfigureAwait(false);
        }
    }

    private async ValueTask SendAsync(JobCommand command, CancellationToken cancellationToken)
    {
        switch (command.Command)
        {
            case ICommand<Done> read:
                await outputs.ReadAsync(sink, read, command, cancellationToken).ConfigureAwait(false);
                return;
            case WriteBuffer write:
                var bytes = await InputOfAsync(command, cancellationToken).ConfigureAwait(false);
                Sent(command, await sink.SendAsync(write, bytes, cancellationToken).ConfigureAwait(false));
                return;
            case WriteImage write:
                var pixels = await InputOfAsync(command, cancellationToken).ConfigureAwait(false);
                Sent(command, await sink.SendAsync(write, pixels, cancellationToken).ConfigureAwait(false));
                return;
            case EnqueueMarker marker:
                var sequence = await sink.SendAsync(marker, cancellationToken).ConfigureAwait(false);
                Sent(command, sequence);
                await outputs.TakeTimeAsync(markers.Wait(sequence), command, cancellationToken).ConfigureAwait(false);
                return;
            default:
                Sent(command, await SendPlainAsync(command.Command, cancellationToken).ConfigureAwait(false));
                return;
        }
    }

    private ValueTask<ulong> SendPlainAsync(ICommand command, CancellationToken cancellationToken) => command switch
    {
        LaunchKernel launch => sink.SendAsync(launch, cancellationToken),
        CopyBuffer copy => sink.SendAsync(copy, cancellationToken),
        FillBuffer fill => sink.SendAsync(fill, cancellationToken),
        CreateBuffer create => sink.SendAsync(create, cancellationToken),
        CreateImage create => sink.SendAsync(create, cancellationToken),
        CreateKernel create => sink.SendAsync(create, cancellationToken),
        Release release => sink.SendAsync(release, cancellationToken),
        _ => throw new InvalidOperationException($"A job does not send {command.GetType().Name}."),
    };

    private ValueTask<ReadOnlyMemory<byte>> InputOfAsync(JobCommand command, CancellationToken cancellationToken) =>
        inputs.ReadAsync(command.Input, command.InputOffset, command.SizeBytes, cancellationToken);

    private void Sent(in JobCommand command, ulong sequence)
    {
        _lastSequence = sequence;
        ledger.Add(sequence, command.Place);
    }

    private async ValueTask EndGroupAsync(CancellationToken cancellationToken)
    {
        SendFence(cancellationToken);
        while (_groups.Count >= MaxGroups || (_groups.TryPeek(out var group) && group.Fence.IsCompleted))
        {
            await WaitForGroupAsync().ConfigureAwait(false);
        }
    }

    private void SendFence(CancellationToken cancellationToken)
    {
        _stepsSent += _stepsInGroup;
        _stepsInGroup = 0;
        _groups.Enqueue(new Group(sink.RequestAsync(default(Fence), cancellationToken), _lastSequence, _stepsSent));
    }

    private async ValueTask WaitForGroupAsync()
    {
        var group = _groups.Peek();
        await group.Fence.ConfigureAwait(false);
        _groups.Dequeue();
        ledger.Forget(group.LastSequence);
        progress.Advance(group.StepsDone);
        Adapt();
    }

    private void Adapt()
    {
        var elapsed = time.GetElapsedTime(_groupEndedAt);
        _groupEndedAt = time.GetTimestamp();
        if (elapsed < ShortGroup)
        {
            _groupSteps = Math.Min(_groupSteps * 2, MaxGroupSteps);
        }
        else if (elapsed > LongGroup)
        {
            _groupSteps = Math.Max(_groupSteps / 2, 1);
        }
    }

    private sealed record Group(Task<Done> Fence, ulong LastSequence, long StepsDone);
}
