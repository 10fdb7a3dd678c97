using GpuActors.Node;

namespace GpuActors.Scheduler.Tests.Flow;

public sealed class TakenOverTests
{
    [Fact]
    public async Task A_process_whose_name_another_has_taken_stops_its_node_and_says_so_by_its_exit_code()
    {
        var node = new ReplacedNode();
        var running = NodeProcess.RunAsync([], (_, _) =>
            Task.FromResult<(IAsyncDisposable, Dictionary<string, string>)>((node, [])));
        running.IsCompleted.ShouldBeFalse();
        node.Replace();
        (await running).ShouldBe(3);
        node.IsDisposed.ShouldBeTrue();
    }

    [Fact]
    public async Task A_process_whose_name_is_taken_while_it_starts_does_not_serve()
    {
        var exitCode = await NodeProcess.RunAsync([], (_, _) => throw new NodeTakenOverException("Somebody else is 's1'."));
        exitCode.ShouldBe(3);
    }

    [Fact]
    public async Task A_process_whose_node_has_left_the_cluster_ends_well()
    {
        var node = new ReplacedNode();
        var running = NodeProcess.RunAsync([], (_, _) =>
            Task.FromResult<(IAsyncDisposable, Dictionary<string, string>)>((node, [])));
        node.Leave();
        (await running).ShouldBe(0);
        node.IsDisposed.ShouldBeTrue();
    }

    private sealed class ReplacedNode : IReplaceableNode
    {
        private readonly TaskCompletionSource<string> _takenOver = new();
        private readonly TaskCompletionSource _left = new();

        public Task<string> TakenOver => _takenOver.Task;

        public Task Left => _left.Task;

        public bool IsDisposed { get; private set; }

        public void Replace() => _takenOver.SetResult("Somebody else is 's1'.");

        public void Leave() => _left.SetResult();

        public ValueTask DisposeAsync()
        {
            IsDisposed = true;
            return ValueTask.CompletedTask;
        }
    }
}
