using GpuActors.Client.Tests;
using GpuActors.Shared.Api;
using static GpuActors.Client.Tests.Answers;

namespace GpuActors.Shell.Tests;

/// <summary>Where the address and the ticket come from.</summary>
public sealed class ConnectionTests : ShellFixture
{
    private const string Get = "GET /v1/gpus";

    [Fact]
    public async Task A_file_of_a_folder_above_is_enough()
    {
        Server.On(Get, Json(new GpuList(), ApiJsonContext.Default.GpuList));
        using var shell = new ShellProcess();
        shell.Write(".gpuactors/connection.json", $$"""{"server": ["{{Server.Address}}"], "ticket": "from-file", "more": 1}""");
        shell.Write("a/b/.gpuactors/other", "");

        var result = await shell.RunAsync("", ["gpu", "list"], Path.Combine(shell.Folder, "a", "b"));

        result.ExitCode.ShouldBe(0, result.Error);
        Server.To(Get).Single().Headers.Authorization.ToString().ShouldBe("Bearer from-file");
    }

    [Fact]
    public async Task The_environment_goes_before_the_file_and_options_before_both()
    {
        Server.On(Get, Json(new GpuList(), ApiJsonContext.Default.GpuList));
        Shell.Write(".gpuactors/connection.json", """{"server": "http://127.0.0.1:1", "ticket": "from-file"}""");

        await Shell.Set("GPUACTORS_TICKET", "").RunAsync("gpu", "list");
        await Shell.Set("GPUACTORS_TICKET", "from-environment").RunAsync("gpu", "list");
        await Shell.Set("GPUACTORS_SERVER", "http://127.0.0.1:2").RunAsync(
            "gpu", "list", "--server", Server.Address.Authority, "--ticket", "from-option", "--tenant", "acme");

        Server.To(Get).Select(r => r.Headers.Authorization.ToString()).ShouldBe(
            ["Bearer from-file", "Bearer from-environment", "Bearer from-option"]);
        Server.To(Get)[2].PathAndQuery.ShouldBe("/v1/gpus?tenant=acme");
    }

    [Fact]
    public async Task Of_several_servers_one_that_answers_is_used()
    {
        Server.On(Get, Json(new GpuList(), ApiJsonContext.Default.GpuList));

        var result = await Shell.Set("GPUACTORS_SERVER", $"127.0.0.1:1, {Server.Address}").RunAsync("gpu", "list");

        result.ExitCode.ShouldBe(0, result.Error);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{\"server\": 5}")]
    public async Task A_broken_file_is_named(string text)
    {
        using var shell = new ShellProcess();
        shell.Write(".gpuactors/connection.json", text);

        var result = await shell.RunAsync("gpu", "list");

        result.ExitCode.ShouldBe(2);
        result.Error.ShouldContain("connection.json cannot be read");
        result.Error.ShouldContain("It should be {\"server\"");
    }
}
