namespace GpuActors.Worker.Executors.Pool;

/// <summary>A caller that waits for an executor.</summary>
internal sealed class AcquireWaiter(SessionRequest request)
{
    private readonly TaskCompletionSource<PooledExecutor> _executor =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    public DeviceAddress Device => request.Device;

    public ExecutorPlace Place => request.Place;

    public string Tenant => request.Tenant;

    public Task<PooledExecutor> Executor => _executor.Task;

    public void Give(PooledExecutor executor) => _executor.SetResult(executor);

    public void Fail(Exception why) => _executor.SetException(why);

    public void Cancel(CancellationToken cancellationToken) => _executor.SetCanceled(cancellationToken);
}
