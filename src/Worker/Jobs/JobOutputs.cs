using System.Buffers;
using System.Buffers.Binary;
using GpuActors.Shared.Commands;
using GpuActors.Shared.Jobs;
using GpuActors.Shared.Jobs.Planning;

namespace GpuActors.Worker.Jobs;

/// <summary>
/// The job's outputs, and the reads that are under way: reads are sent without waiting for the ones before, up to a
/// bound, and their bytes are appended in the order in which they were sent.
/// </summary>
internal sealed class JobOutputs : IAsyncDisposable
{
    private const long MaxPendingBytes = 16 << 20;
    private const int MaxPendingReads = 256;

    private readonly OutputSink[] _sinks;
    private readonly Queue<PendingOutput> _pending = new();
    private long _pendingBytes;

    public JobOutputs(JobPlan plan, JobRunSettings settings) => _sinks =
    [
        .. plan.Outputs.Select((output, i) => new OutputSink(
            output.Key, output.Value, Path.Combine(settings.OutputFolder, $"output-{i}"), settings.InlineOutputBytes)),
    ];

    /// <summary>Sends a read and queues its bytes for the output.</summary>
    public async ValueTask ReadAsync(
        ICommandSink sink, ICommand<Done> read, JobCommand command, CancellationToken cancellationToken)
    {
        await MakeRoomAsync(command.SizeBytes, cancellationToken).ConfigureAwait(false);
        var buffer = ArrayPool<byte>.Shared.Rent(command.SizeBytes);
        var done = sink.ReadAsync(read, buffer.AsMemory(0, command.SizeBytes), cancellationToken);
        Enqueue(new PendingOutput(done, buffer, command));
    }

    /// <summary>Queues the time at which a marker was reached.</summary>
    public async ValueTask TakeTimeAsync(
        Task<EventStatus> marker, JobCommand command, CancellationToken cancellationToken)
    {
        await MakeRoomAsync(command.SizeBytes, cancellationToken).ConfigureAwait(false);
        var buffer = ArrayPool<byte>.Shared.Rent(command.SizeBytes);
        Enqueue(new PendingOutput(WriteTimeAsync(marker, buffer, command.Place), buffer, command));
    }

    /// <summary>Waits for all reads and gives the outputs.</summary>
    public async Task<JobOutputData[]> FinishAsync(CancellationToken cancellationToken)
    {
        while (_pending.Count > 0)
        {
            await AppendFirstAsync(cancellationToken).ConfigureAwait(false);
        }

        var outputs = new JobOutputData[_sinks.Length];
        for (var i = 0; i < outputs.Length; i++)
        {
            outputs[i] = await _sinks[i].FinishAsync().ConfigureAwait(false);
        }

        return outputs;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // Buffers of reads that never ended stay with the connection, which may still write to them.
        foreach (var pending in _pending)
        {
            _ = pending.Done.ContinueWith(
                static task => task.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
        }

        foreach (var sink in _sinks)
        {
            await sink.DisposeAsync().ConfigureAwait(false);
        }
    }

    private void Enqueue(PendingOutput pending)
    {
        _pending.Enqueue(pending);
        _pendingBytes += pending.Command.SizeBytes;
    }

    private async ValueTask MakeRoomAsync(int bytes, CancellationToken cancellationToken)
    {
        while (_pending.TryPeek(out var first) &&
            (first.Done.IsCompleted || _pending.Count >= MaxPendingReads || _pendingBytes + bytes > MaxPendingBytes))
        {
            await AppendFirstAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask AppendFirstAsync(CancellationToken cancellationToken)
    {
        var pending = _pending.Peek();
        await WaitAsync(pending).ConfigureAwait(false);
        await _sinks[pending.Command.Output].AppendAsync(
            pending.Buffer.AsMemory(0, pending.Command.SizeBytes), pending.Command.Place, cancellationToken)
            .ConfigureAwait(false);
        _pending.Dequeue();
        _pendingBytes -= pending.Command.SizeBytes;
        ArrayPool<byte>.Shared.Return(pending.Buffer);
    }

    private static async Task WaitAsync(PendingOutput pending)
    {
        try
        {
            await pending.Done.ConfigureAwait(false);
        }
        catch (CommandException e)
        {
            throw new JobFailureException(JobFailureException.Of(e.Code, e.Detail, pending.Command.Place));
        }
    }

    private static async Task WriteTimeAsync(Task<EventStatus> marker, byte[] buffer, JsonPointer place)
    {
        var status = await marker.ConfigureAwait(false);
        if (status is not { Status: 0, HasTimes: true })
        {
            throw new JobFailureException(
                JobFailureKinds.OpenCl, place,
                status.Status < 0
                    ? $"{OpenClErrors.Name(status.Status)} before the clock"
                    : "The device takes no times.");
        }

        BinaryPrimitives.WriteUInt64LittleEndian(buffer, status.EndNs);
    }

    private sealed record PendingOutput(Task Done, byte[] Buffer, JobCommand Command);
}
