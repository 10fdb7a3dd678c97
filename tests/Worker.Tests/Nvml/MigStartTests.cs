using System.Diagnostics;
using GpuActors.Worker.Nvml;
using GpuActors.Worker.Tests.Pool;

namespace GpuActors.Worker.Tests.Nvml;

public sealed class MigStartTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gpuactors-mig-");
    private readonly FakeNvml _fake = new();

    public void Dispose()
    {
        _fake.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_worker_with_a_wrong_record_does_not_start_and_says_why_in_one_sentence()
    {
        var record = new MigLayoutFile(_folder.FullName).Path;
        await File.WriteAllTextAsync(record, """{ "version": 2, "gpus": [] }""");

        var (code, said) = await RunWorkerAsync(_fake.Path);

        code.ShouldBe(2, said);
        said.Trim().ShouldBe(
            $"{record}: it has version 2; this worker reads version 1. "
            + "Correct the file, or remove it to let the host's GPUs stay as they are.");
    }

    [Fact]
    public async Task A_worker_whose_NVML_is_not_there_does_not_start()
    {
        var (code, said) = await RunWorkerAsync("/nowhere/libnvidia-ml.so.1");

        code.ShouldBe(2, said);
        said.Trim().ShouldBe(
            "/nowhere/libnvidia-ml.so.1 can't be loaded; GPUACTORS_NVML must name NVIDIA's libnvidia-ml.so.1, or be unset.");
    }

    private async Task<(int Code, string Said)> RunWorkerAsync(string nvml)
    {
        var config = Path.Combine(_folder.FullName, "worker.conf");
        await File.WriteAllTextAsync(config, $$"""
            gpuactors {
              security.cluster-secret = "{{new string('s', 20) + "0123456789abcdefghij"}}"
              remoting { host = "127.0.0.1", port = 0 }
              worker { name = "host", data-dir = "{{_folder.FullName}}", schedulers = ["127.0.0.1:1"] }
            }
            """);
        var start = new ProcessStartInfo(PoolFixture.RealExecutor.FileName) { RedirectStandardError = true };
        foreach (var argument in (string[])[.. PoolFixture.RealExecutor.Arguments, "--config", config])
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment[NvmlLibrary.PathVariable] = nvml;
        using var worker = Process.Start(start)!;
        try
        {
            var said = await worker.StandardError.ReadToEndAsync().WithDeadline("the worker's end");
            await worker.WaitForExitAsync().WithDeadline("the worker's end");
            return (worker.ExitCode, said);
        }
        finally
        {
            worker.Kill(); // nothing if it is gone
        }
    }
}
