using System.Globalization;
using GpuActors.Worker.Executors.Pool;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuActors.Worker.Tests.Pool;

public sealed class FormerExecutorsTests
{
    [Fact]
    public async Task A_new_worker_waits_until_the_executors_of_a_killed_one_have_ended()
    {
        await using var fixture = PoolFixture.Create();
        var file = Path.Combine(fixture.Folder, "former-lease");
        await File.WriteAllBytesAsync(file, new byte[8]);
        Task gone;
        await using (new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read))
        {
            gone = GoneAsync(file);
            gone.IsCompleted.ShouldBeFalse();
        }

        await gone.WithDeadline("the former executor's hold to end");
    }

    [Fact]
    public async Task A_worker_without_predecessor_waits_for_nobody()
    {
        await GoneAsync("/nowhere/lease").WithDeadline("nothing");
    }

    [Fact]
    public async Task An_executor_holds_its_worker_s_lease_file_while_it_lives()
    {
        await using var fixture = PoolFixture.Create();
        await using var session = await fixture.AcquireAsync("a");
        var process = fixture.Pool.ProcessIds.Single();
        var held = string.Create(CultureInfo.InvariantCulture, $"FLOCK  ADVISORY  READ {process} ");
        (await File.ReadAllLinesAsync("/proc/locks")).ShouldContain(line => line.Contains(held));
        GoneAsync(Path.Combine(fixture.Folder, "lease")).IsCompleted.ShouldBeFalse();
    }

    private static Task GoneAsync(string file) => FormerExecutors.GoneAsync(
        file, TimeProvider.System, NullLogger.Instance, CancellationToken.None);
}
