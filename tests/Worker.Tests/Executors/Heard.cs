using System.Collections.Concurrent;
using System.Text;
using GpuActors.Shared.Commands;

namespace GpuActors.Worker.Tests.Executors;

/// <summary>Everything that an executor said unasked.</summary>
public sealed class Heard : ICommandObserver
{
    private readonly StringBuilder _printed = new();

    public ConcurrentQueue<(ulong Sequence, Error Error)> Failures { get; } = new();

    public ConcurrentQueue<(ulong Sequence, EventStatus Status)> Events { get; } = new();

    public string Printed
    {
        get
        {
            lock (_printed)
                return _printed.ToString();
        }
    }

    public void OnFailed(ulong sequence, Error error) => Failures.Enqueue((sequence, error));

    public void OnEvent(ulong sequence, EventStatus status) => Events.Enqueue((sequence, status));

    public void OnPrinted(ReadOnlySpan<byte> text)
    {
        lock (_printed)
            _printed.Append(Encoding.UTF8.GetString(text));
    }
}
