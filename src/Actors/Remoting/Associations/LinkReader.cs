using System.Buffers;
using GpuActors.Actors.Remoting.Wire;
using Microsoft.Extensions.Logging;

namespace GpuActors.Actors.Remoting.Associations;

/// <summary>Reads one connection to its end and hands what comes to the actors, in the order it comes.</summary>
sealed class LinkReader(RemoteNode node, Association association, Link link) : IThreadPoolWorkItem
{
    readonly EnvelopeReader _envelopes = new(node, association, link);
    Task _previous = Task.CompletedTask;

    /// <summary>Begins to read once nothing more of the previous connection will be delivered.</summary>
    public void Start(Task previousReaderStopped)
    {
        _previous = previousReaderStopped;
        node.System.Runtime.Execute(this);
    }

    public void Execute() => _ = RunAsync();

    async Task RunAsync()
    {
        var reason = "the peer has closed the connection";
        try
        {
            await _previous;
            await ReadAsync();
        }
        catch (WireFormatException e)
        {
            reason = e.Message;
            node.Log.Limited($"format {association.RemoteAddress}").LogError(
                "{RemoteAddress} sent what the protocol does not allow: {Problem}",
                association.RemoteAddress, e.Message);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException
            or OperationCanceledException)
        {
            reason = $"reading failed: {e.Message}";
        }
        catch (Exception e)
        {
            reason = $"reading failed: {e.Message}";
            node.Log.Logger.LogError(e, "Reading from {RemoteAddress} failed", association.RemoteAddress);
        }
        finally
        {
            association.CloseLink(link, reason);
            link.Session.Opener.Dispose();
            link.MarkReaderStopped();
        }
    }

    async Task ReadAsync()
    {
        var input = link.Connection.Input;
        while (!link.IsClosed)
        {
            var result = await input.ReadAsync();
            var buffer = result.Buffer;
            var isWhole = ReadFrames(ref buffer);
            input.AdvanceTo(buffer.Start, buffer.End);
            if (!isWhole || result.IsCompleted || result.IsCanceled)
            {
                return;
            }
        }
    }

    /// <summary>False when the connection was closed in between.</summary>
    bool ReadFrames(ref ReadOnlySequence<byte> buffer)
    {
        link.LastReceived = node.Time.GetTimestamp();
        while (true)
        {
            var status = FrameCodec.TryRead(ref buffer, node.Settings.MaxFrameBytes, out var frame, out var claimed);
            switch (status)
            {
                case FrameStatus.Incomplete:
                    return true;
                case FrameStatus.Refused:
                    throw new WireFormatException(
                        $"a frame claims {claimed:N0} bytes; 1 to {node.Settings.MaxFrameBytes:N0} are allowed");
            }

            var content = link.Session.Opener.Open(frame);
            link.IsConfirmed = true;
            if (!_envelopes.ReadAll(content))
            {
                return false;
            }
        }
    }
}
