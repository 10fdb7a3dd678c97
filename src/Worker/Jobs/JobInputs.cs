using System.Buffers;
using GpuActors.Shared.Jobs;
using GpuActors.Shared.Jobs.Planning;

namespace GpuActors.Worker.Jobs;

/// <summary>The bytes of a job's inputs: those in the document, and opened blobs.</summary>
internal sealed class JobInputs : IAsyncDisposable
{
    private readonly JobPlan _plan;
    private readonly Stream?[] _blobs;
    private byte[] _buffer = [];

    private JobInputs(JobPlan plan)
    {
        _plan = plan;
        _blobs = new Stream?[plan.Inputs.Length];
    }

    /// <summary>Opens all blobs and tells <paramref name="state"/> their lengths.</summary>
    /// <exception cref="JobFailureException">One cannot be had, or has another length than is said.</exception>
    public static async Task<JobInputs> OpenAsync(
        JobPlan plan, PlanState state, OpenBlob openBlob, CancellationToken cancellationToken)
    {
        var inputs = new JobInputs(plan);
        try
        {
            for (var i = 0; i < plan.Inputs.Length; i++)
            {
                if (plan.Inputs[i].Value is BlobInput blob)
                {
                    var stream = await OpenAsync(plan.Inputs[i].Key, blob, openBlob, cancellationToken)
                        .ConfigureAwait(false);
                    inputs._blobs[i] = stream;
                    state.InputBytes[i] = LengthOf(stream, plan.Inputs[i].Key, blob);
                }
            }

            return inputs;
        }
        catch
        {
            await inputs.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Bytes of an input; valid until the next call.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(
        int input, long offset, int size, CancellationToken cancellationToken)
    {
        if (_plan.Inputs[input].Value is InlineInput inline)
        {
            return inline.Data.Slice((int)offset, size);
        }

        if (_buffer.Length < size)
        {
            _buffer = ArrayPool<byte>.Shared.Rent(size);
        }

        var blob = _blobs[input]!;
        blob.Position = offset;
        await blob.ReadExactlyAsync(_buffer.AsMemory(0, size), cancellationToken).ConfigureAwait(false);
        return _buffer.AsMemory(0, size);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var blob in _blobs)
        {
            if (blob is not null)
            {
                await blob.DisposeAsync().ConfigureAwait(false);
            }
        }

        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
        }
    }

    private static async Task<Stream> OpenAsync(
        string name, BlobInput blob, OpenBlob openBlob, CancellationToken cancellationToken)
    {
        try
        {
            return await openBlob(blob.Sha256, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            throw new JobFailureException(
                JobFailureKinds.Input, PlaceOf(name), $"Blob {blob.Sha256} cannot be had: {e.Message}");
        }
    }

    private static long LengthOf(Stream stream, string name, BlobInput blob) =>
        blob.Size is not { } size || size == stream.Length ? stream.Length : throw new JobFailureException(
            JobFailureKinds.Input, PlaceOf(name).Field("size"),
            $"Blob {blob.Sha256} has {stream.Length} bytes; the document says {size}.");

    private static JsonPointer PlaceOf(string name) => JsonPointer.Root.Field("inputs").Field(name);
}
