using System.Text.Json;
using GpuActors.Shared.Api;
using static GpuActors.Client.Tests.Answers;
using static GpuActors.Shell.Tests.Top.Looks;

namespace GpuActors.Shell.Tests.Top;

public sealed class GpuTopCommandTests : ShellFixture
{
    private static readonly SliceStatus One = Slice("a/0/s1", "acme/1", profile: "1g.5gb");

    [Fact]
    public async Task A_look_with_rates_is_written_as_plain_lines()
    {
        Serve(Usage(One, 1, busy: 0), Usage(One, 2, busy: 0.5, throttled: 0.25, kernels: 120, bytesIn: 1 << 20));

        var result = await Shell.RunAsync("gpu", "top", "--once");

        result.ExitCode.ShouldBe(0, result.Error);
        result.Lines.Length.ShouldBe(2);
        result.Lines[0].ShouldMatch(@"^SLICE +SHARE +BUSY +THROTTLED +MEMORY USED +MEMORY +KERNELS/S +IN/S +OUT/S +SESSION$");
        result.Lines[1].ShouldMatch(@"^a/0/s1 +1g\.5gb +50 % +25 % +1 GiB +5 GiB +120 +1 MiB +2 MiB +acme/1$");
        Server.To("GET /v1/usage").Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_look_as_json_is_one_object_on_one_line()
    {
        Serve(Usage(One, 1, busy: 0), Usage(One, 2, busy: 0.5, kernels: 120));

        var result = await Shell.RunAsync("gpu", "top", "--once", "--json", "--host", "a");

        using var look = JsonDocument.Parse(result.Lines.ShouldHaveSingleItem());
        var gpu = look.RootElement.GetProperty("gpus")[0];
        gpu.GetProperty("gpu").GetString().ShouldBe("a/0");
        var slice = gpu.GetProperty("slices")[0];
        slice.GetProperty("busyShare").GetDouble().ShouldBe(0.5);
        slice.GetProperty("kernelsPerSecond").GetDouble().ShouldBe(120);
        slice.GetProperty("memoryPeakBytes").GetInt64().ShouldBe(2L << 30);
        Server.To("GET /v1/usage")[0].PathAndQuery.ShouldBe("/v1/usage?host=a");
    }

    [Fact]
    public async Task Without_sessions_one_look_is_enough()
    {
        Server.On("GET /v1/gpus", Json(new GpuList { Gpus = [Gpu("a/0"), Gpu("b/0")] }, ApiJsonContext.Default.GpuList));
        Server.On("GET /v1/usage", Json(new SliceUsageList(), ApiJsonContext.Default.SliceUsageList));

        var result = await Shell.RunAsync("gpu", "top", "--once", "--json", "--host", "b");

        result.Lines.ShouldHaveSingleItem().ShouldContain("\"gpu\":\"b/0\"");
        result.Out.ShouldNotContain("a/0");
        Server.To("GET /v1/usage").Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("3601")]
    [InlineData("soon")]
    public async Task An_interval_that_makes_no_sense_is_refused(string interval)
    {
        var result = await Shell.RunAsync("gpu", "top", "--interval", interval);

        result.ExitCode.ShouldBe(2);
        result.Error.ShouldContain("--interval");
    }

    private void Serve(params SliceUsageStatus[] looks)
    {
        Server.On("GET /v1/gpus", Json(new GpuList { Gpus = [Gpu("a/0", One)] }, ApiJsonContext.Default.GpuList));
        Server.On("GET /v1/usage", [.. looks.Select(look =>
            Json(new SliceUsageList { Slices = [look] }, ApiJsonContext.Default.SliceUsageList))]);
    }
}
