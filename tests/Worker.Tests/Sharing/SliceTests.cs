using GpuActors.Shared.Devices;
using GpuActors.Shared.Messages;
using GpuActors.Worker.Executors.Pool;
using GpuActors.Worker.Jobs;
using GpuActors.Worker.Tests.Pool;

namespace GpuActors.Worker.Tests.Sharing;

/// <summary>Slices of a device that presents as an A100, as the scheduler grants them, on real executors.</summary>
public sealed class SliceTests
{
    private const string Model = "A100-SXM4-40GB";
    private const int Slices = 7;
    private const int Items = 4096;
    private static readonly GpuModel A100 = GpuModels.BuiltIn.Find(Model)!;
    private static readonly AttemptDevice Device = new(
        PoolFixture.Device, A100, Model, PresentAsGpu: true, ComputeUnits: Environment.ProcessorCount, CanPartition: true);

    [Fact]
    public async Task Seven_1g_slices_at_once_see_their_memory_and_units_and_compute_right_results()
    {
        await using var pool = PoolFixture.Create(settings => settings with { MaxTotal = Slices });
        var sessions = await Task.WhenAll(Enumerable.Range(0, Slices).Select(i => OpenAsync(pool, Mig("1g.5gb", i))));
        try
        {
            foreach (var device in sessions.Select(session => session.Connection.Welcome.Devices.ShouldHaveSingleItem()))
            {
                device.Name.ShouldBe(Model);
                device.ComputeUnits.ShouldBe(14U);
                device.MemoryBytes.ShouldBe(4864UL << 20);
            }

            await Task.WhenAll(sessions.Select((session, i) => KernelRun.LaunchAsync(
                session.Connection,
                $"kernel void k(global uint *out) {{ uint x = get_global_id(0); for (int i = 0; i < 20000; i++) x = x * {2 * i + 3}u + 1u; out[get_global_id(0)] = x; }}",
                Items)));
            for (var i = 0; i < Slices; i++)
            {
                (await KernelRun.ReadAsync(sessions[i].Connection, Items)).ShouldBe(Expected((uint)((2 * i) + 3)));
            }
        }
        finally
        {
            foreach (var session in sessions)
            {
                await session.DisposeAsync();
            }
        }
    }

    [Fact]
    public async Task A_slice_that_crashes_or_spins_touches_no_other()
    {
        await using var pool = PoolFixture.Create(settings => settings with { MaxTotal = 3 });
        await using var crashing = await OpenAsync(pool, Mig("1g.5gb", 0));
        await using var spinning = await OpenAsync(pool, Mig("2g.10gb", 2));
        await using var mine = await OpenAsync(pool, Mig("3g.20gb", 4));
        await KernelRun.LaunchAsync(spinning.Connection, KernelRun.Spin, 4);
        await KernelRun.LaunchAsync(crashing.Connection, KernelRun.Wild, 1);
        (await crashing.Exited.WithDeadline("the crash")).Description.ShouldContain("SIGSEGV");
        await KernelRun.LaunchAsync(mine.Connection, KernelRun.Square, Items);
        (await KernelRun.ReadAsync(mine.Connection, Items)).ShouldBe(Enumerable.Range(0, Items).Select(i => (uint)(i * i)));
        spinning.Exited.IsCompleted.ShouldBeFalse();
        await spinning.KillAsync("it spins");
    }

    [Theory]
    [InlineData("A100-10C", 10_240L)]
    [InlineData("A100-4C", 4_096L)]
    public async Task A_vGPU_sees_all_units_and_the_memory_of_its_type(string type, long mebibytes)
    {
        await using var pool = PoolFixture.Create();
        await using var session = await OpenAsync(pool, Slice(GpuMode.Vgpu, A100.FindProfile(type)!, -1));
        var device = session.Connection.Welcome.Devices.ShouldHaveSingleItem();
        device.ComputeUnits.ShouldBe(108U);
        device.MemoryBytes.ShouldBe((ulong)mebibytes << 20);
    }

    private static uint[] Expected(uint factor) =>
    [
        .. Enumerable.Range(0, Items).Select(item =>
        {
            var x = (uint)item;
            for (var i = 0; i < 20000; i++)
            {
                x = (x * factor) + 1;
            }

            return x;
        }),
    ];

    private static SliceGrant Mig(string profile, int start) => Slice(GpuMode.Mig, A100.FindProfile(profile)!, start);

    private static SliceGrant Slice(GpuMode mode, SliceProfile profile, int start) => new(
        $"host/0/s{Math.Max(0, start)}", "host", 0, profile.MemoryBytes, 0, Whole: false, Mode: mode,
        Profile: profile.Name, Start: start, ComputeUnits: profile.ComputeUnits);

    private static Task<ExecutorSession> OpenAsync(PoolFixture pool, SliceGrant slice)
    {
        var tenant = $"t{slice.Start}";
        var attempt = new StartAttempt("host", $"{tenant}/job", tenant, 1, [slice], default, TimeSpan.FromMinutes(1));
        return pool.Pool.AcquireAsync(Device.Request(attempt, slice), new PoolFixture.Listener(), CancellationToken.None)
            .WithDeadline("an executor");
    }
}
