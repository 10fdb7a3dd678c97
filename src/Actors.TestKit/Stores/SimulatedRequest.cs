namespace GpuActors.Actors.TestKit.Stores;

/// <summary>A request on its way to the database and back.</summary>
internal abstract class SimulatedRequest(StoreOperation operation)
{
    public StoreOperation Operation => operation;

    /// <summary>Does it, and remembers result or refusal.</summary>
    public abstract void Run(SimulatedDatabase database);

    /// <summary>Tells the caller what <see cref="Run"/> remembered.</summary>
    public abstract void Complete();

    /// <summary>Tells the caller that all is well, whatever comes.</summary>
    public abstract void Pretend();

    public abstract void Fail(Exception reason);
}

/// <inheritdoc/>
internal sealed class SimulatedRequest<T>(StoreOperation operation, Func<SimulatedDatabase, T> run)
    : SimulatedRequest(operation)
{
    // Continuations run where it is completed, because any other thread would be outside of the simulation.
    private readonly TaskCompletionSource<T> _completion = new();
    private T? _result;
    private Exception? _refusal;

    public Task<T> Task => _completion.Task;

    public override void Run(SimulatedDatabase database)
    {
        try
        {
            _result = database.Run(run);
        }
        catch (Exception refusal)
        {
            _refusal = refusal;
        }
    }

    public override void Complete()
    {
        if (_refusal is null)
            _completion.TrySetResult(_result!);
        else
            Fail(_refusal);
    }

    public override void Pretend() => _completion.TrySetResult(default!);

    public override void Fail(Exception reason) => _completion.TrySetException(reason);
}
