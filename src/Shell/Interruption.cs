namespace GpuActors.Shell;

/// <summary>Ctrl-C and the end of the terminal as a cancellation, so that what runs can clean up and say so.</summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource _source = new();

    public Interruption() => Console.CancelKeyPress += OnCancelKey;

    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        Console.CancelKeyPress -= OnCancelKey;
        _source.Dispose();
    }

    private void OnCancelKey(object? sender, ConsoleCancelEventArgs e)
    {
        // A second Ctrl-C ends the process the ordinary way, should the first not be heeded.
        e.Cancel = !_source.IsCancellationRequested;
        _source.Cancel();
    }
}
