using System.Buffers;
using System.IO.Pipelines;

namespace GpuActors.Actors.TestKit;

/// <summary>One direction of a connection. Carries bytes until either side completes or somebody cuts it.</summary>
internal sealed class VirtualLink
{
    private readonly Pipe _sent;
    private readonly Pipe _received;
    private bool _isCut;

    public VirtualLink(PipeOptions options)
    {
        _sent = new Pipe(options);
        _received = new Pipe(options);
        _ = CarryAsync();
    }

    public PipeWriter Writer => _sent.Writer;

    public PipeReader Reader => _received.Reader;

    /// <summary>Ends the link: the reader gets an <see cref="IOException"/>, the writer's flushes say completed.</summary>
    public void Cut()
    {
        _isCut = true;
        _sent.Reader.CancelPendingRead();
        _received.Writer.CancelPendingFlush();
    }

    private async Task CarryAsync()
    {
        Exception? end = null;
        try
        {
            while (await CarryOnceAsync())
            {
            }
        }
        catch (Exception e)
        {
            end = e;
        }

        await _sent.Reader.CompleteAsync(end);
        await _received.Writer.CompleteAsync(end);
    }

    private async Task<bool> CarryOnceAsync()
    {
        var read = await _sent.Reader.ReadAsync();
        ThrowIfCut();
        foreach (var segment in read.Buffer)
        {
            _received.Writer.Write(segment.Span);
        }

        _sent.Reader.AdvanceTo(read.Buffer.End);
        var flush = await _received.Writer.FlushAsync();
        ThrowIfCut();
        return !read.IsCompleted && !flush.IsCompleted;
    }

    private void ThrowIfCut()
    {
        if (_isCut)
        {
            throw new IOException("The connection was reset.");
        }
    }
}
