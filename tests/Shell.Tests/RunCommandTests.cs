using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using GpuActors.Shared.Api;
using static GpuActors.Client.Tests.Answers;

namespace GpuActors.Shell.Tests;

/// <summary><c>pbm run</c> with a real program, a scripted scheduler, and a stand-in for the worker's gateway.</summary>
public sealed class RunCommandTests : ShellFixture, IAsyncLifetime
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    private readonly StandInGateway _gateway = new();

    async Task IAsyncLifetime.InitializeAsync()
    {
        await InitializeAsync();
        Shell.Set("GPUACTORS_ICD", Shell.Write("libgpuactors_icd.so", "no library"));
        Grant("s");
    }

    async Task IAsyncLifetime.DisposeAsync()
    {
        await DisposeAsync();
        await _gateway.DisposeAsync();
    }

    [Fact]
    public async Task The_program_finds_the_grant_in_a_file_of_its_own_and_its_exit_code_is_passed_on()
    {
        var result = await Shell.RunAsync(
            "run", "--id", "s", "--fraction", "0.5", "--", "sh", "-c",
            """stat -c %a "$GPUACTORS_SESSION_FILE"; cat "$GPUACTORS_SESSION_FILE"; echo; cat $OCL_ICD_VENDORS/*.icd; exit 7""");

        result.ExitCode.ShouldBe(7, result.Error);
        result.Error.ShouldBeEmpty();
        result.Lines[0].ShouldBe("600");
        var grant = SessionGrant.Parse(System.Text.Encoding.UTF8.GetBytes(result.Lines[1]));
        (grant.Session, grant.Devices[0].Address).ShouldBe(("acme/s", _gateway.Address));
        result.Lines[2].ShouldBe(Path.Combine(Shell.Folder, "libgpuactors_icd.so"));
        await _gateway.AwaitAsync("goodbye acme/s@7");
        _gateway.Heard.ShouldBe(["hold acme/s@7", "goodbye acme/s@7"]);
        Server.To("DELETE /v1/sessions/s").ShouldBeEmpty();
        var request = Request();
        request.GetProperty("gpu").GetRawText().ShouldBe("""{"memory":"50%"}""");
        request.GetProperty("interactive").GetRawText().ShouldBe("{}");
    }

    [Fact]
    public async Task The_files_are_gone_when_the_program_has_ended()
    {
        var result = await Shell.RunAsync("run", "--id", "s", "--", "sh", "-c", "echo $GPUACTORS_SESSION_FILE");

        result.ExitCode.ShouldBe(0, result.Error);
        Directory.Exists(Path.GetDirectoryName(result.Lines[0])).ShouldBeFalse();
    }

    [Fact]
    public async Task Input_goes_to_the_program_and_options_behind_the_dashes_too()
    {
        var result = await Shell.RunAsync("from here\n", ["run", "--id", "s", "--", "sh", "-c", "cat; echo \"$@\"", "x", "--json", "@f", "-n"]);

        result.Out.ShouldBe("from here\n--json @f -n\n");
    }

    [Fact]
    public async Task Options_say_what_is_asked_for()
    {
        var result = await Shell.RunAsync(
            "run", "--id", "s", "--memory", "4GiB", "--model", "A100*", "--model", "H100*", "--pool", "p", "--filter", "rack=r1",
            "--filter", "disk=ssd", "--priority", "5", "--queue", "q", "--time-limit", "2h", "--idle-limit", "5m", "--", "true");

        result.ExitCode.ShouldBe(0, result.Error);
        Request().GetRawText().ShouldBe("""
            {"id":"s","gpu":{"memory":4294967296,"model":["A100*","H100*"],"pool":"p"},
            "placement":{"must":[{"host":"disk=ssd"},{"host":"rack=r1"}]},"interactive":{"idleLimit":"5m"},
            "timeLimit":"2h","priority":5,"queue":"q"}
            """.ReplaceLineEndings(""));
    }

    [Theory]
    [InlineData("--fraction", "2", "above 0 and at most 1")]
    [InlineData("--memory", "lots", "4GiB")]
    [InlineData("--filter", "rack", "KEY=VALUE")]
    [InlineData("--time-limit", "soon", "10m")]
    [InlineData("--idle-limit", "1s", "/interactive/idleLimit")]
    [InlineData("--profile", "a b", "/gpu/profile")]
    [InlineData("--count", "0", "1 to 64")]
    public async Task A_wrong_option_exits_with_2_and_asks_for_nothing(string option, string value, string message)
    {
        var result = await Shell.RunAsync("run", option, value, "--", "true");

        result.ExitCode.ShouldBe(2, result.Error);
        result.Error.ShouldContain(message);
        Server.Received.ShouldBeEmpty();
    }

    [Fact]
    public async Task Only_one_size_can_be_given()
    {
        var result = await Shell.RunAsync("run", "--whole", "--fraction", "0.5", "--", "true");

        result.ExitCode.ShouldBe(2);
        result.Error.ShouldContain("only one");
    }

    [Fact]
    public async Task A_program_that_is_not_there_exits_with_127_and_asks_for_nothing()
    {
        Shell.Write("here", "not runnable by its name alone");
        foreach (var name in new[] { "no-such-program", "./none", "here" })
        {
            var result = await Shell.RunAsync("run", "--", name);
            result.ExitCode.ShouldBe(127);
            result.Error.ShouldContain($"'{name}'");
        }

        Server.Received.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_file_that_can_not_be_run_exits_with_126_and_gives_the_GPU_back()
    {
        Shell.Write("text", "no program");

        var result = await Shell.RunAsync("run", "--id", "s", "--", "./text");

        result.ExitCode.ShouldBe(126, result.Error);
        await _gateway.AwaitAsync("goodbye acme/s@7");
    }

    [Fact]
    public async Task A_library_that_is_not_there_exits_with_2()
    {
        Shell.Set("GPUACTORS_ICD", "/nowhere/lib.so");

        var result = await Shell.RunAsync("run", "--", "true");

        result.ExitCode.ShouldBe(2);
        result.Error.ShouldContain("GPUACTORS_ICD");
    }

    [Fact]
    public async Task While_it_waits_it_says_why_once_for_each_reason()
    {
        Server.On("GET /v1/gpus", Json(new GpuList { Gpus = [Gpu] }, ApiJsonContext.Default.GpuList));
        Server.On(
            "GET /v1/sessions/s",
            Session(StandInGateway.Status("s", JobState.Queued, "waits: all GPUs are in use")),
            Session(StandInGateway.Status("s", JobState.Queued, "waits: all GPUs are in use")),
            Session(StandInGateway.Status("s", JobState.Queued, "waits: for its turn")),
            Session(StandInGateway.Status("s", JobState.Placed)),
            Session(_gateway.Running("s")));

        var result = await Shell.RunAsync("run", "--id", "s", "--", "echo", "done");

        result.ExitCode.ShouldBe(0, result.Error);
        result.Out.ShouldBe("done\n");
        result.Error.ShouldBe("pbm: session s waits: all GPUs are in use\npbm: session s waits: for its turn\n");
    }

    [Fact]
    public async Task A_cluster_without_GPUs_is_not_waited_for()
    {
        Server.On("GET /v1/gpus", Json(new GpuList(), ApiJsonContext.Default.GpuList));
        Waits("s", "waits: no host is up");

        var result = await Shell.RunAsync("run", "--id", "s", "--", "true");

        result.ExitCode.ShouldBe(1);
        result.Error.ShouldContain("no GPUs");
        Server.To("DELETE /v1/sessions/s").ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_wait_that_is_over_gives_the_request_back()
    {
        Waits("s", "waits: no host is up");

        var result = await Shell.RunAsync("run", "--id", "s", "--wait", "1s", "--", "true");

        result.ExitCode.ShouldBe(1);
        result.Error.ShouldContain("not to be had within 1s");
        Server.To("DELETE /v1/sessions/s").ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_refused_request_says_why()
    {
        Server.On("POST /v1/sessions", Problem(400, "invalid-document", null, new FieldError("/gpu/profile", "is unknown here.")));

        var result = await Shell.RunAsync("run", "--id", "s", "--profile", "9g.9gb", "--", "true");

        result.ExitCode.ShouldBe(1);
        result.Error.ShouldContain("/gpu/profile: is unknown here.");
        Server.To("DELETE /v1/sessions/s").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_grant_is_renewed_before_it_expires()
    {
        var soon = _gateway.Running("s");
        soon = soon with { Grant = soon.Grant! with { ExpiresAt = DateTimeOffset.UtcNow.AddSeconds(2) } };
        var later = _gateway.Running("s");
        Server.On("GET /v1/sessions/s", Session(soon), Session(later));

        var result = await Shell.RunAsync(
            "run", "--id", "s", "--", "sh", "-c",
            $"i=0; until grep -q {later.Grant!.Ticket} $GPUACTORS_SESSION_FILE; do i=$((i+1)); [ $i -lt 600 ] || exit 4; sleep 0.1; done");

        result.ExitCode.ShouldBe(0, result.Error);
    }

    [Fact]
    public async Task A_session_that_ends_before_it_runs_says_why()
    {
        Server.On("GET /v1/sessions/s", Session(StandInGateway.Status("s", JobState.Cancelled, "Killed by an operator.")));

        var result = await Shell.RunAsync("run", "--id", "s", "--", "true");

        result.ExitCode.ShouldBe(1);
        result.Error.ShouldContain("Killed by an operator.");
    }

    [Fact]
    public async Task A_gateway_that_can_not_be_reached_gives_the_GPU_back()
    {
        Server.On("GET /v1/sessions/s", Session(_gateway.Running("s", address: "127.0.0.1:1")));

        var result = await Shell.RunAsync("run", "--id", "s", "--", "true");

        result.ExitCode.ShouldBe(1);
        result.Error.ShouldContain("127.0.0.1:1, cannot be used");
        Server.To("DELETE /v1/sessions/s").ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_program_that_dies_of_a_signal_exits_with_128_and_its_number()
    {
        var result = await Shell.RunAsync("run", "--id", "s", "--", "sh", "-c", "kill -9 $$");

        result.ExitCode.ShouldBe(137, result.Error);
        await _gateway.AwaitAsync("goodbye acme/s@7");
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    [InlineData("HUP")]
    [InlineData("QUIT")]
    public async Task Signals_are_passed_to_the_program_as_often_as_they_come(string signal)
    {
        if (IsIgnored(signal))
        {
            return; // as it is for programs started in the background: they and all that they start never see it
        }

        using var shell = Shell.Start(
            "run", "--id", "s", "--", "sh", "-c",
            $"""
            trap 'n=$((n+1)); echo $n; [ $n -lt 3 ] || exit 5' {signal}; echo ready
            for i in $(seq 2400); do sleep 0.05; done
            """);
        await UntilAsync("ready");
        foreach (var number in new[] { "1", "2", "3" })
        {
            Signal(shell.Id, signal);
            await UntilAsync(number);
        }

        (await ExitCodeAsync(shell)).ShouldBe(5, Error);
        await _gateway.AwaitAsync("goodbye acme/s@7");
    }

    [Fact]
    public async Task A_signal_while_it_waits_gives_the_request_back()
    {
        Waits("s", "waits: for its turn");
        Server.On("GET /v1/gpus", Json(new GpuList { Gpus = [Gpu] }, ApiJsonContext.Default.GpuList));
        using var shell = Shell.Start("run", "--id", "s", "--", "true");
        await UntilAsync("for its turn", "error.txt");
        Signal(shell.Id, "TERM");

        (await ExitCodeAsync(shell)).ShouldBe(143, Error);
        Server.To("DELETE /v1/sessions/s").ShouldHaveSingleItem();
    }

    [Fact]
    public async Task When_the_shell_is_killed_its_connection_ends_without_a_goodbye()
    {
        using var shell = Shell.Start("run", "--id", "s", "--", "sh", "-c", "echo $$; exec sleep 600");
        await UntilAsync("\n");
        shell.Kill();
        await _gateway.AwaitAsync("gone acme/s@7");
        _gateway.Heard.ShouldNotContain("goodbye acme/s@7");
        Signal(int.Parse(Written("out.txt")), "KILL");
    }

    [Fact]
    public async Task A_connection_that_is_lost_is_opened_again_and_the_end_of_the_session_is_said()
    {
        using var shell = Shell.Start("run", "--id", "s", "--", "sh", "-c", "echo ready; read line; exit 3");
        await UntilAsync("ready");
        _gateway.Drop("acme/s@7");
        await _gateway.AwaitAsync("gone acme/s@7");
        while (_gateway.Heard.Count(what => what == "hold acme/s@7") < 2)
        {
            await _gateway.AwaitAsync("hold acme/s@7");
        }

        Server.On("GET /v1/sessions/s", Session(StandInGateway.Status("s", JobState.Failed, "Its host was lost.")));
        _gateway.Drop("acme/s@7");
        await UntilAsync("session s has ended: Its host was lost.", "error.txt");
        await shell.StandardInput.WriteLineAsync("go");
        (await ExitCodeAsync(shell)).ShouldBe(3);
    }

    [Fact]
    public async Task Several_GPUs_are_devices_of_one_grant()
    {
        Grant("s-1");
        Grant("s-2");

        var result = await Shell.RunAsync("run", "--id", "s", "-n", "2", "--", "sh", "-c", "cat $GPUACTORS_SESSION_FILE");

        result.ExitCode.ShouldBe(0, result.Error);
        SessionGrant.Parse(result.OutBytes).Devices.Select(device => (device.Session, device.Ticket?[..5]))
            .ShouldBe([("acme/s-1", "gat1."), ("acme/s-2", "gat1.")]);
        await _gateway.AwaitAsync("goodbye acme/s-1@7");
        await _gateway.AwaitAsync("goodbye acme/s-2@7");
    }

    [Fact]
    public async Task Of_several_GPUs_none_is_kept_if_one_is_not_to_be_had()
    {
        Grant("s-1");
        Waits("s-2", "waits: for its turn");

        var result = await Shell.RunAsync("run", "--id", "s", "-n", "2", "--wait", "2s", "--", "true");

        result.ExitCode.ShouldBe(1);
        result.Error.ShouldContain("not to be had within 2s");
        await _gateway.AwaitAsync("goodbye acme/s-1@7");
        Server.To("DELETE /v1/sessions/s-2").ShouldHaveSingleItem();
    }

    [Fact]
    public async Task What_can_be_had_at_once_costs_one_request()
    {
        Server.On("POST /v1/sessions", Session(_gateway.Running("s"), 202));

        var result = await Shell.RunAsync("run", "--id", "s", "--", "true");

        result.ExitCode.ShouldBe(0, result.Error);
        Server.Received.Select(request => request.PathAndQuery).ShouldBe(["/v1/sessions?wait=2000ms"]);
        await _gateway.AwaitAsync("goodbye acme/s@7");
    }

    [Fact]
    public async Task A_lease_lasts_until_its_input_ends()
    {
        using var lease = Shell.Start("lease", "--id", "s", "--fraction=0.5", $"--process={Environment.ProcessId}");
        await UntilAsync("grant.json\n");
        var path = Written("out.txt").TrimEnd();
        SessionGrant.Parse(await File.ReadAllBytesAsync(path)).Session.ShouldBe("acme/s");
        _gateway.Heard.ShouldBe(["hold acme/s@7"]);

        lease.StandardInput.Close();

        (await ExitCodeAsync(lease)).ShouldBe(0, Error);
        await _gateway.AwaitAsync("goodbye acme/s@7");
        Directory.Exists(Path.GetDirectoryName(path)).ShouldBeFalse();
        Error.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_lease_ends_with_its_process_too()
    {
        using var user = Process.Start("sleep", "1000");
        using var lease = Shell.Start("lease", "--id", "s", "--whole", $"--process={user.Id}");
        await UntilAsync("grant.json\n");

        user.Kill();

        (await ExitCodeAsync(lease)).ShouldBe(0, Error);
        await _gateway.AwaitAsync("goodbye acme/s@7");
    }

    [Fact]
    public async Task A_lease_that_is_not_to_be_had_says_so_in_one_line()
    {
        Server.On("POST /v1/sessions", Problem(400, "invalid-document", null, new FieldError("/gpu/profile", "is unknown here.")));
        using var lease = Shell.Start("lease", "--profile=9g.9gb");

        (await ExitCodeAsync(lease)).ShouldBe(1);
        Error.ShouldBe("GpuActors: no GPU could be leased: It is invalid-document. /gpu/profile: is unknown here.\n");
        Written("out.txt").ShouldBeEmpty();
    }

    private static GpuStatus Gpu => new() { Id = "h/0", Host = "h", Name = "A100", Model = "A100" };

    private string Error => Written("error.txt");

    private void Grant(string id)
    {
        Server.On("POST /v1/sessions", StandInGateway.AcceptAsync);
        Server.On($"GET /v1/sessions/{id}", Session(_gateway.Running(id)));
        Server.On($"DELETE /v1/sessions/{id}", Session(StandInGateway.Status(id, JobState.Completed)));
    }

    private void Waits(string id, string reason)
    {
        Grant(id);
        Server.On($"GET /v1/sessions/{id}", Session(StandInGateway.Status(id, JobState.Queued, reason)));
    }

    private static Microsoft.AspNetCore.Http.RequestDelegate Session(SessionStatus status, int code = 200) =>
        Json(status, ApiJsonContext.Default.SessionStatus, code);

    private JsonElement Request() =>
        JsonDocument.Parse(Server.To("POST /v1/sessions").ShouldHaveSingleItem().Body).RootElement;

    /// <summary>Whether this process has inherited that the signal is ignored (proc(5), SigIgn).</summary>
    private static bool IsIgnored(string signal)
    {
        var number = signal switch { "HUP" => 1, "INT" => 2, "QUIT" => 3, _ => 15 };
        using var shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "grep SigIgn /proc/self/status"])
        {
            RedirectStandardOutput = true,
        })!;
        var mask = ulong.Parse(
            shell.StandardOutput.ReadToEnd().Split('\t')[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        return (mask >> (number - 1) & 1) != 0;
    }

    private static void Signal(int process, string signal)
    {
        using var kill = Process.Start("/bin/sh", ["-c", $"kill -{signal} {process}"]);
        kill.WaitForExit();
    }

    private static async Task<int> ExitCodeAsync(Process shell)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        try
        {
            await shell.WaitForExitAsync(deadline.Token);
            return shell.ExitCode;
        }
        catch (OperationCanceledException)
        {
            shell.Kill();
            throw new TimeoutException($"The shell did not end within {Deadline}.");
        }
    }

    /// <summary>Waits until the shell, or its program, has written something.</summary>
    private async Task UntilAsync(string text, string file = "out.txt")
    {
        for (var started = Stopwatch.GetTimestamp(); !Written(file).Contains(text, StringComparison.Ordinal);)
        {
            Stopwatch.GetElapsedTime(started).ShouldBeLessThan(
                Deadline, $"'{text}' was not in {file}: {Written(file)}; {Error}");
            await Task.Delay(20);
        }
    }

    private string Written(string file)
    {
        var path = Path.Combine(Shell.Folder, file);
        return File.Exists(path) ? File.ReadAllText(path) : "";
    }
}
