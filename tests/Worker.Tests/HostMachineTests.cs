using GpuActors.Shared.Configuration.Settings;

namespace GpuActors.Worker.Tests;

/// <summary>CPU and memory of machines and containers, from files as Linux has them.</summary>
public sealed class HostMachineTests : IDisposable
{
    private const long Gib = 1L << 30;

    private readonly string _root = Directory.CreateTempSubdirectory("host-machine-").FullName;
    private readonly HostMachine _machine;

    public HostMachineTests()
    {
        _machine = new HostMachine(_root);
        Write("proc/meminfo", "MemTotal:       16777216 kB\nMemFree:        1 kB\n");
        Write("proc/self/cgroup", "0::/system.slice/worker.service\n");
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Without_limits_it_is_what_the_machine_has()
    {
        Write("sys/fs/cgroup/system.slice/cpu.max", "max 100000\n");
        Write("sys/fs/cgroup/system.slice/memory.max", "max\n");

        _machine.CpuMilli(8).ShouldBe(8000);
        _machine.MemoryBytes().ShouldBe(16 * Gib);
    }

    [Fact]
    public void The_least_of_the_limits_of_all_groups_above_counts()
    {
        Write("sys/fs/cgroup/system.slice/cpu.max", "250000 100000\n");
        Write("sys/fs/cgroup/system.slice/worker.service/cpu.max", "400000 100000\n");
        Write("sys/fs/cgroup/system.slice/memory.max", $"{8 * Gib}\n");
        Write("sys/fs/cgroup/system.slice/worker.service/memory.max", $"{4 * Gib}\n");

        _machine.CpuMilli(8).ShouldBe(2500);
        _machine.MemoryBytes().ShouldBe(4 * Gib);
    }

    [Fact]
    public void A_container_sees_its_limits_at_the_root()
    {
        Write("proc/self/cgroup", "0::/\n");
        Write("sys/fs/cgroup/cpu.max", "50000 100000\n");
        Write("sys/fs/cgroup/memory.max", $"{2 * Gib}\n");

        _machine.CpuMilli(8).ShouldBe(500);
        _machine.MemoryBytes().ShouldBe(2 * Gib);
    }

    [Fact]
    public void Version_1_of_control_groups_has_other_files()
    {
        Write("proc/self/cgroup", "9:memory:/job\n4:cpu,cpuacct:/job\n1:name=systemd:/job\n0::/\n");
        Write("sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_quota_us", "300000\n");
        Write("sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_period_us", "100000\n");
        Write("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "-1\n");
        Write("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n");
        Write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
        Write("sys/fs/cgroup/memory/job/memory.limit_in_bytes", $"{3 * Gib}\n");

        _machine.CpuMilli(8).ShouldBe(3000);
        _machine.MemoryBytes().ShouldBe(3 * Gib);
    }

    [Fact]
    public void Memory_is_not_known_where_no_file_tells()
    {
        var nothing = new HostMachine(Path.Combine(_root, "nothing"));

        nothing.MemoryBytes().ShouldBe(0);
        nothing.CpuMilli(4).ShouldBe(4000);
    }

    [Fact]
    public void Settings_count_above_what_is_there()
    {
        var host = _machine.Describe(new WorkerHostSettings
        {
            CpuMilli = 1500, MemoryBytes = null, Rack = "r1", Labels = new Dictionary<string, string> { ["b"] = "2", ["a"] = "1" },
        });

        (host.CpuMilli, host.MemoryBytes, host.Rack).ShouldBe((1500, 16 * Gib, "r1"));
        host.Labels.ShouldBe(["a=1", "b=2"]);
    }

    private void Write(string path, string text)
    {
        var file = Path.Combine(_root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }
}
