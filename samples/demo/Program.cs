using GpuActors.LocalCluster;
using GpuActors.Samples.Demo;

// ./run: a cluster of real processes on this machine, the samples run on it, everything stopped again.
// ./run --keep: the same, but the cluster stays up until Ctrl+C, for the shell and for jobs of one's own.
// ./run --sharing: three tenants share one GPU, then it is cut into MIG slices.
// ./run --nodes 3: with three scheduler nodes, of which one is killed in the middle of the training.
if (DemoArguments.Parse(args) is not { } arguments)
{
    Console.Error.WriteLine(DemoArguments.Usage);
    return 2;
}

var view = DemoView.Create();
var connectionFile = Path.Combine(Environment.CurrentDirectory, ".gpuactors", "connection.json");
await using var cluster = await LocalCluster.StartAsync(
    arguments.Sharing
        ? new LocalClusterSettings { Workers = 1, ExtraConfig = SharingDemo.Config }
        : new LocalClusterSettings { Schedulers = arguments.Nodes },
    view.Say);
try
{
    cluster.WriteConnectionFile(connectionFile);
    using var client = cluster.Client();
    Func<string, Task>? disaster = arguments.Nodes > 1 ? new LostNode(cluster, view).KillOwnerOfAsync : null;
    var demo = new Demo(client, view, disaster);
    await demo.ShowClusterAsync(cluster.Workers.Count);
    var ok = arguments.Sharing ? await ShareAsync(cluster, view)
        : await demo.TrainDigitsAsync() & await demo.MultiplyMatricesAsync();
    if (arguments.Keep)
    {
        await KeepAsync(cluster, view);
    }

    var killed = await cluster.StopAsync();
    view.Say(killed.Count == 0
        ? "All processes have stopped."
        : $"These did not stop when asked and were killed: {string.Join(", ", killed)}");
    return ok && killed.Count == 0 ? 0 : 1;
}
finally
{
    File.Delete(connectionFile);
}

static async Task<bool> ShareAsync(LocalCluster cluster, DemoView view)
{
    using var sharing = new SharingDemo(cluster, view);
    return await sharing.ShareAsync() & await sharing.CutAsync();
}

static async Task KeepAsync(LocalCluster cluster, DemoView view)
{
    var stop = new TaskCompletionSource();
    using var interrupt = System.Runtime.InteropServices.PosixSignalRegistration.Create(
        System.Runtime.InteropServices.PosixSignal.SIGINT, signal => { signal.Cancel = true; stop.TrySetResult(); });
    using var terminate = System.Runtime.InteropServices.PosixSignalRegistration.Create(
        System.Runtime.InteropServices.PosixSignal.SIGTERM, signal => { signal.Cancel = true; stop.TrySetResult(); });
    view.Say($"The cluster stays up: API {cluster.HttpAddress}, workers join at 127.0.0.1:{cluster.RemotingPort}");
    view.Say($"Files and logs: {cluster.Folder}");
    view.Say("In another terminal in this folder: ./pbm host list, ./pbm job submit FILE --wait, ./pbm");
    view.Say("Ctrl+C stops it.");
    await stop.Task;
}
