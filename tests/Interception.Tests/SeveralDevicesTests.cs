using GpuActors.Interception.Tests.Hosting;
using GpuActors.Shared.Api;

namespace GpuActors.Interception.Tests;

/// <summary>A program with two devices of two workers, in one context.</summary>
[Collection(SessionTests.Name)]
public sealed class SeveralDevicesTests(SessionFixture fixture) : IAsyncLifetime
{
    private const long MemoryBytes = 256 << 20;

    private readonly string _folder = Directory.CreateTempSubdirectory("gpuactors-several-").FullName;
    private GrantedSession _first = null!;
    private GrantedSession _second = null!;

    public async Task InitializeAsync()
    {
        _first = await GrantedSession.StartAsync(MemoryBytes);
        _second = await GrantedSession.StartAsync(MemoryBytes);
    }

    public async Task DisposeAsync()
    {
        await _first.DisposeAsync();
        await _second.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_one_device_writes_the_other_sees(bool network)
    {
        string program = await ProgramRun.CompileAsync("several_devices");

        ProgramResult result = await fixture.RunAsync(program, [], grant: Grant(network));

        result.ExitCode.ShouldBe(0, result.ToString());
        result.Output.ShouldBe(
            "vectors\nping pong\nlarge\nwaits\nuser events\nparts\nimages\nmaps\ncopies\nunordered\nbuilds\nheld\n"
            + "budget\ndone\n",
            result.ToString());
        result.Errors.ShouldBe("", result.ToString());
    }

    [Fact]
    public async Task A_device_that_goes_away_fails_what_needs_it_and_nothing_else()
    {
        string program = await ProgramRun.CompileAsync("several_failures");
        string launching = Path.Combine(_folder, "launching");
        string killed = Path.Combine(_folder, "killed");
        Task<ProgramResult> running = fixture.RunAsync(program, [launching, killed], grant: Grant(network: false));
        DateTime end = DateTime.UtcNow + TimeSpan.FromMinutes(1);
        while (!File.Exists(launching) && !running.IsCompleted)
        {
            (DateTime.UtcNow < end).ShouldBeTrue("waited a minute until the program launches");
            await Task.Delay(10);
        }

        _second.KillExecutors();
        await File.WriteAllTextAsync(killed, "");
        ProgramResult result = await running;

        result.Output.ShouldBe(
            "wait -14\nlaunch there -5\nwhat was there -5\nwhat was here 1\nafter a launch here 2\nanother context here 2\n",
            result.ToString());
        result.ExitCode.ShouldBe(0, result.ToString());
    }

    [ProgramFact("/usr/share/doc/python-pyopencl-doc/examples/demo.py")]
    public async Task Pyopencl_has_both_devices_in_one_context()
    {
        ProgramResult result = await fixture.RunAsync(
            "/usr/bin/python3", [Path.Combine(AppContext.BaseDirectory, "Programs", "several_devices.py")],
            grant: Grant(network: true),
            variables: new Dictionary<string, string> { ["HOME"] = _folder, ["XDG_CACHE_HOME"] = _folder });

        result.ExitCode.ShouldBe(0, result.ToString());
        result.Output.ShouldEndWith("2 devices, 50 rounds, right\n");
    }

    private string Grant(bool network)
    {
        SessionGrant Read(GrantedSession session) =>
            SessionGrant.Parse(File.ReadAllBytes(network ? session.NetworkGrant : session.LocalGrant));
        string file = Path.Combine(_folder, "grant.json");
        File.WriteAllBytes(file, SessionGrant.Merge([Read(_first), Read(_second)]).ToJson());
        return file;
    }
}
