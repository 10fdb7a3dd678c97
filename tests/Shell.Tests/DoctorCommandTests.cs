using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using GpuActors.Client.Tests;
using GpuActors.Shared.Api;
using GpuActors.Shared.Diagnosis;
using GpuActors.Shared.Security;
using static GpuActors.Client.Tests.Answers;

namespace GpuActors.Shell.Tests;

/// <summary><c>pbm doctor</c> against a scheduler and a gateway that are well, and that are not.</summary>
public sealed class DoctorCommandTests : ShellFixture
{
    private static readonly HostStatus Host = new() { Name = "h", State = HostState.Up, Version = "1.2" };

    [Fact]
    public async Task It_checks_scheduler_clock_ticket_and_gateway_and_says_what_the_library_misses()
    {
        await using var gateway = new StandInGateway();
        Serve(Host with { Gateway = gateway.Address });

        var result = await Doctor().RunAsync("doctor");

        result.ExitCode.ShouldBe(1, result.Error);
        result.Out.ShouldContain("ok       opencl.loader");
        result.Out.ShouldContain("failure  opencl.library");
        result.Out.ShouldContain("to do: Start the shell with ./pbm");
        result.Out.ShouldContain("ok       ticket               tenant of acme, until ");
        result.Out.ShouldContain("ok       scheduler");
        result.Out.ShouldContain("ok       clock");
        result.Out.ShouldContain("ok       workers              h up");
        result.Out.ShouldContain($"ok       gateway h            {gateway.Address}, TLS off");
        result.Lines.ShouldContain(line => line.Contains("latency h"));
        result.Lines[^1].ShouldEndWith("1 failures, 0 skipped");
        result.Error.ShouldContain("pbm: connecting to h");
    }

    [Fact]
    public async Task With_json_it_writes_one_document()
    {
        Serve(Host with { State = HostState.Down });

        var result = await Doctor().RunAsync("doctor", "--json");

        result.ExitCode.ShouldBe(1, result.Error);
        using var report = JsonDocument.Parse(result.Out);
        report.RootElement.GetProperty("ok").GetBoolean().ShouldBeFalse();
        var workers = report.RootElement.GetProperty("checks").EnumerateArray()
            .Single(check => check.GetProperty("name").GetString() == "workers");
        workers.GetProperty("outcome").GetString().ShouldBe("failure");
        workers.GetProperty("found").GetString().ShouldBe("h down, no gateway");
        workers.GetProperty("advice").GetString()!.ShouldContain("pbm doctor --worker");
    }

    [Fact]
    public async Task A_gateway_that_cannot_be_reached_is_a_failure_with_advice()
    {
        using var nobody = new TcpListener(IPAddress.Loopback, 0);
        nobody.Start();
        var address = $"127.0.0.1:{((IPEndPoint)nobody.LocalEndpoint).Port}";
        nobody.Stop();
        Serve(Host with { Gateway = address });

        var result = await Doctor().RunAsync("doctor", "--measure");

        result.ExitCode.ShouldBe(1);
        result.Lines.ShouldContain(line => line.StartsWith("failure  gateway h") && line.Contains(address));
        result.Out.ShouldContain("to do: Set worker.sessions.host");
        Server.To("POST /v1/sessions").ShouldBeEmpty("nothing can be measured there");
    }

    [Fact]
    public async Task A_scheduler_whose_clock_is_ahead_is_a_failure()
    {
        Serve(Host, clock: TimeSpan.FromMinutes(2));

        var result = await Doctor().RunAsync("doctor");

        result.Lines.ShouldContain(line => line.StartsWith("failure  clock") && line.Contains("behind the scheduler's"));
        result.Out.ShouldContain("chrony");
    }

    [Fact]
    public async Task A_refused_ticket_is_a_failure_and_nothing_of_workers_is_said()
    {
        Server.On("GET /v1/status", Problem(401, "unauthorized"));

        var result = await Doctor().RunAsync("doctor");

        result.ExitCode.ShouldBe(1);
        result.Lines.ShouldContain(line => line.StartsWith("failure  scheduler") && line.Contains("refuses the ticket"));
        result.Lines.ShouldContain(line => line.StartsWith("skipped  workers"));
    }

    [Fact]
    public async Task Without_an_address_the_rest_is_checked_all_the_same()
    {
        var result = await Shell.Set("GPUACTORS_SERVER", "").RunAsync("doctor");

        result.ExitCode.ShouldBe(1);
        result.Out.ShouldContain("ok       opencl.loader");
        result.Lines.ShouldContain(line => line.StartsWith("failure  scheduler") && line.Contains("no address of a scheduler"));
    }

    [Fact]
    public async Task A_library_that_is_none_is_a_failure()
    {
        var library = Shell.Write("libgpuactors_icd.so", "no library");
        Serve(Host);

        var result = await Doctor().Set("GPUACTORS_ICD", library).RunAsync("doctor");

        result.Lines.ShouldContain(line => line.StartsWith("failure  opencl.library") && line.Contains("the loader does not take it"));
        result.Out.ShouldContain($"ldd {library}");
    }

    [Fact]
    public async Task The_workers_program_checks_its_host()
    {
        var good = HostCheck.Ok("worker.devices", "one");
        var program = Program($"echo \"$@\"; echo '{good.ToJson()}'; echo '{HostCheck.Failure("worker.disk", "full", "room", "Make room.").ToJson()}'; exit 1");

        var result = await Shell.Set("GPUACTORS_WORKER", program).RunAsync("doctor", "--worker", "--config", "own.conf");

        result.ExitCode.ShouldBe(1, result.Error);
        result.Out.ShouldContain("ok       worker.devices       one\nfailure  worker.disk          full\n          should be: room\n          to do: Make room.\n");
        result.Lines[^1].ShouldBe("1 ok, 0 warnings, 1 failures, 0 skipped");
    }

    [Fact]
    public async Task A_workers_program_that_crashes_is_a_failure()
    {
        var program = Program($"echo '{HostCheck.Ok("worker.settings", "read").ToJson()}'; echo 'driver says no' >&2; kill -SEGV $$");

        var result = await Shell.Set("GPUACTORS_WORKER", program).RunAsync("doctor", "--worker");

        result.ExitCode.ShouldBe(1, result.Error);
        result.Lines.ShouldContain(line => line.StartsWith("failure  worker.program") && line.Contains("139"));
    }

    [Fact]
    public async Task A_configuration_is_for_workers_only()
    {
        var result = await Shell.RunAsync("doctor", "--config", "x.conf");

        result.ExitCode.ShouldBe(2);
        result.Error.ShouldContain("--worker");
    }

    private string Program(string script)
    {
        var path = Shell.Write("worker", $"#!/bin/bash\n{script}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return path;
    }

    /// <summary>The shell with a ticket that can be read.</summary>
    private ShellProcess Doctor() => Shell.Set(
        "GPUACTORS_TICKET",
        new TicketAuthority(ClusterSecret.FromText("correct horse battery staple"), TimeProvider.System)
            .Issue("test", "acme", TicketRole.Tenant, TimeSpan.FromHours(4)));

    private void Serve(HostStatus host, TimeSpan clock = default)
    {
        Server.On("GET /v1/hosts", Json(new HostList { Hosts = [host] }, ApiJsonContext.Default.HostList));
        Server.On("GET /v1/status", async context => await Json(
            new ClusterStatus { Version = "1.2", Now = DateTimeOffset.UtcNow + clock }, ApiJsonContext.Default.ClusterStatus)(context));
    }
}
