using GpuActors.Client.Tests;
using GpuActors.Shared.Api;
using GpuActors.Shell.Commands;
using GpuActors.Shell.Interactive;
using Spectre.Console;
using static GpuActors.Client.Tests.Answers;

namespace GpuActors.Shell.Tests;

public sealed class CompleterTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gpuactors-completer-").FullName;
    private ScriptedServer _server = null!;
    private Completer _completer = null!;

    public async Task InitializeAsync()
    {
        _server = await ScriptedServer.StartAsync();
        _server.On("GET /v1/jobs", Json(
            new JobList { Jobs = [Job("digits-1", JobState.Running), Job("digits-2", JobState.Queued), Job("other", JobState.Queued)] },
            ApiJsonContext.Default.JobList));
        _server.On("GET /v1/hosts", Json(
            new HostList { Hosts = [new HostStatus { Name = "gpu-a", State = HostState.Up }] }, ApiJsonContext.Default.HostList));
        _server.On("GET /v1/jobs/digits-1/outputs", Json(
            new JobOutputList { Outputs = [new JobOutput { Name = "weights", Sha256 = "" }] }, ApiJsonContext.Default.JobOutputList));
        var environment = Environment(_server.Address.ToString());
        _completer = new Completer(new CommandTree(environment), environment);
    }

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("", "actor blob cluster cluster-sharding doctor gpu host job journal log queue release request run session simulate size slice ticket")]
    [InlineData("si", "simulate size")]
    [InlineData("simulate --or", "--order")]
    [InlineData("size --wa", "--wait --wait-p95")]
    [InlineData("j", "job journal")]
    [InlineData("job ", "cancel document events explain list output show submit wait")]
    [InlineData("job s", "show submit")]
    [InlineData("job list --l", "--limit")]
    [InlineData("job list --s", "--server --state")]
    [InlineData("job show ", "digits-1 digits-2 other")]
    [InlineData("job show di", "digits-1 digits-2")]
    [InlineData("job show digits-1 ", "")]
    [InlineData("job output digits-1 ", "weights")]
    [InlineData("host show g", "gpu-a")]
    [InlineData("job submit a", "apple.json attic/")]
    [InlineData("job submit attic/", "attic/old.json")]
    [InlineData("job --json cancel o", "other")]
    public async Task What_fits_is_offered(string line, string expected)
    {
        Directory.CreateDirectory(Path.Combine(_folder, "attic"));
        await File.WriteAllTextAsync(Path.Combine(_folder, "apple.json"), "");
        await File.WriteAllTextAsync(Path.Combine(_folder, "attic", "old.json"), "");

        var completion = await _completer.CompleteAsync(line);

        string.Join(' ', completion.Candidates).ShouldBe(expected);
    }

    [Fact]
    public async Task Without_a_cluster_only_its_names_are_missing()
    {
        var environment = Environment("http://127.0.0.1:1");
        var completer = new Completer(new CommandTree(environment), environment);

        (await completer.CompleteAsync("job show ")).Candidates.ShouldBeEmpty();
        (await completer.CompleteAsync("job sh")).Candidates.ShouldBe(["show"]);
    }

    private ShellEnvironment Environment(string server) => new()
    {
        In = TextReader.Null,
        Out = TextWriter.Null,
        Error = TextWriter.Null,
        Drawing = AnsiConsole.Console,
        InIsTerminal = false,
        OutIsTerminal = false,
        OpenIn = () => Stream.Null,
        OpenOut = () => Stream.Null,
        Variable = name => name switch { "GPUACTORS_SERVER" => server, "GPUACTORS_TICKET" => "t", _ => null },
        WorkingFolder = _folder,
        HomeFolder = null,
        Time = TimeProvider.System,
    };
}
