using GpuActors.Interception.Tests.Hosting;
using GpuActors.Shared.Security;
using GpuActors.Worker.Tests.Sessions;

namespace GpuActors.Interception.Tests;

/// <summary>Unmodified programs on the session's slice.</summary>
[Collection(SessionTests.Name)]
public sealed class ProgramTests(SessionFixture fixture)
{
    [Theory]
    [InlineData("in order", "memory")]
    [InlineData("in order", "unix")]
    [InlineData("in order", "tcp")]
    [InlineData("out of order", "memory")]
    public async Task Programs_launches_and_events_are_as_on_local_OpenCL(string order, string transport)
    {
        string program = await ProgramRun.CompileAsync("launches");
        string[] arguments = order == "in order" ? [] : [order];

        ProgramResult native = await SessionFixture.RunNativelyAsync(program, arguments);
        ProgramResult remote = await fixture.RunAsync(program, arguments, variables: SessionFixture.Over(transport));

        remote.ExitCode.ShouldBe(0, remote.ToString());
        remote.Output.ShouldBe(native.Output, remote.ToString());
    }

    [Theory]
    [InlineData("builds")]
    [InlineData("prints")]
    public async Task Programs_builds_and_prints_are_as_on_local_OpenCL(string name)
    {
        string program = await ProgramRun.CompileAsync(name);

        ProgramResult native = await SessionFixture.RunNativelyAsync(program);
        ProgramResult remote = await fixture.RunAsync(program, []);

        remote.ExitCode.ShouldBe(0, remote.ToString());
        remote.Output.ShouldBe(native.Output, remote.ToString());
    }

    [Fact]
    public async Task Clinfo_sees_one_platform_with_the_slice()
    {
        ProgramResult result = await fixture.RunAsync("clinfo", []);

        result.ExitCode.ShouldBe(0, result.ToString());
        result.Output.ShouldContain("GpuActors");
        result.Output.ShouldContain("Number of devices                                 1");
        result.Output.ShouldNotContain("<error");
        result.Output.ShouldNotContain("GPUACTORS_SESSION_FILE");
    }

    [Fact]
    public async Task Without_a_session_the_platform_has_no_devices()
    {
        ProgramResult result = await fixture.RunAsync("clinfo", ["-l"], grant: "/dev/null/none");

        result.Output.ShouldContain("GpuActors");
        result.Output.ShouldNotContain("Device #0");
    }

    [Fact]
    public async Task A_program_whose_executor_is_killed_gets_errors()
    {
        string program = await ProgramRun.CompileAsync("endless");
        string launching = Path.Combine(AppContext.BaseDirectory, Path.GetRandomFileName());
        Task<ProgramResult> running = fixture.RunAsync(program, [launching]);
        await Until(() => File.Exists(launching) || running.IsCompleted, "the program launches");

        fixture.Session.KillExecutors();
        ProgramResult result = await running;

        File.Delete(launching);
        result.Output.ShouldBe("failed with -5\nbuffer -5\n", result.ToString());
        result.Errors.ShouldContain("is lost");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_program_runs_inside_TLS_and_shows_its_certificate_where_one_is_wanted(bool mutual)
    {
        using var issued = new IssuedCertificates();
        string program = await ProgramRun.CompileAsync("launches");
        await using GrantedSession session = await GrantedSession.StartAsync(
            tls: true, authorities: mutual ? issued.Authorities : null);

        ProgramResult result = await fixture.RunAsync(
            program, [], grant: session.NetworkGrant,
            variables: mutual ? new Dictionary<string, string> { [ClientCertificate.CertificateVariable] = issued.Issue() } : null);

        (await File.ReadAllTextAsync(session.NetworkGrant)).ShouldContain("fingerprint");
        result.ExitCode.ShouldBe(0, result.ToString());
        result.Output.ShouldContain("linked 36");
        var use = session.Pool.ReadAll().ShouldHaveSingleItem().Streams.ShouldNotBeNull();
        use.Waits.ShouldBeGreaterThan(0);
        use.Answering.ShouldBeGreaterThan(TimeSpan.Zero);
        use.Waited.ShouldBeGreaterThanOrEqualTo(use.Answering);
    }

    private static async Task Until(Func<bool> holds, string what)
    {
        DateTime end = DateTime.UtcNow + TimeSpan.FromMinutes(1);
        while (!holds())
        {
            (DateTime.UtcNow < end).ShouldBeTrue($"waited a minute until {what}");
            await Task.Delay(10);
        }
    }
}
