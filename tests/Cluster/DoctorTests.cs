using System.Text.Json;
using GpuActors.Client;

namespace GpuActors.Cluster.Tests;

/// <summary><c>pbm doctor</c> on a cluster that is well.</summary>
public sealed class DoctorTests(OneWorkerCluster fixture) : IClassFixture<OneWorkerCluster>
{
    [Fact]
    public async Task A_client_host_is_checked_and_its_way_to_the_worker_measured()
    {
        var (code, output, errors) = await PbmProcess.RunAsync(fixture.Cluster, "doctor", "--measure", "--json");

        code.ShouldBe(0, output + errors);
        string[] right =
            ["opencl.loader", "opencl.library", "ticket", "scheduler", "clock", "workers", "gateway host1"];
        var checks = Read(output);
        right.ShouldAllBe(name => checks[name] == "ok", output);
        checks.Keys.ShouldContain("bandwidth host1");
        errors.ShouldContain("measuring host1");
        using var client = fixture.Cluster.Client();
        await Patience.UntilAsync("no session is open", async () =>
            (await client.Sessions.ListAsync(new SessionQuery())).Sessions.Count == 0);
    }

    [Fact]
    public async Task A_workers_host_is_checked_beside_the_worker_that_runs_there()
    {
        var variables = new Dictionary<string, string> { ["GPUACTORS_WORKER"] = WorkerDll() };
        using var doctor = PbmProcess.Start(
            fixture.Cluster, [], variables, "doctor", "--worker", "--config", Path.Combine(fixture.Cluster.Folder, "host1.conf"), "--json");

        (await doctor.ExitAsync()).ShouldBe(0, doctor.Output + doctor.Errors);
        var checks = Read(doctor.Output);
        string[] right = ["worker.settings", "worker.schedulers", "worker.nvml", "worker.permissions", "worker.executor"];
        right.ShouldAllBe(name => checks[name] == "ok", doctor.Output);
    }

    private static Dictionary<string, string> Read(string output)
    {
        using var report = JsonDocument.Parse(output);
        return report.RootElement.GetProperty("checks").EnumerateArray()
            .GroupBy(check => check.GetProperty("name").GetString()!)
            .ToDictionary(named => named.Key, named => named.First().GetProperty("outcome").GetString()!);
    }

    /// <summary>Built beside this project.</summary>
    private static string WorkerDll()
    {
        var own = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/'));
        return Path.Combine(own.Parent!.Parent!.FullName, "GpuActors.Worker", own.Name, "GpuActors.Worker.dll");
    }
}
