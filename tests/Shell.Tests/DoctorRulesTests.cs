using GpuActors.Shared.Commands;
using GpuActors.Shared.Diagnosis;
using GpuActors.Shared.Security;
using GpuActors.Shell.Doctor;

namespace GpuActors.Shell.Tests;

/// <summary>What counts as right, and what is said otherwise.</summary>
public sealed class DoctorRulesTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("gpuactors-doctor-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData(0.05, CheckOutcome.Ok, "good for all")]
    [InlineData(0.9, CheckOutcome.Ok, "fine for programs that do not wait")]
    [InlineData(10, CheckOutcome.Warning, "10 ms")]
    public void Latency_is_judged_by_what_programs_feel(double milliseconds, CheckOutcome outcome, string said)
    {
        var check = GatewayChecks.Latency("h", TimeSpan.FromMilliseconds(milliseconds), "to connect");

        check.Outcome.ShouldBe(outcome);
        check.Found.ShouldContain(said);
        (check.Advice is null).ShouldBe(outcome == CheckOutcome.Ok);
    }

    [Theory]
    [InlineData(20e9, 12e9, CheckOutcome.Ok, "good")]
    [InlineData(20e9, 2e9, CheckOutcome.Ok, "fine")]
    [InlineData(20e9, 0.9e9, CheckOutcome.Warning, "0.9 Gbit/s from it")]
    public void Bandwidth_is_as_good_as_its_slower_direction(double write, double read, CheckOutcome outcome, string said)
    {
        var check = LinkMeasurement.Bandwidth("h", write, read);

        check.Outcome.ShouldBe(outcome);
        check.Found.ShouldContain(said);
    }

    [Theory]
    [InlineData(-1, CheckOutcome.Ok)]
    [InlineData(5, CheckOutcome.Warning)]
    [InlineData(-31, CheckOutcome.Failure)]
    public void Clocks_may_differ_by_less_than_tickets_bear(double seconds, CheckOutcome outcome) =>
        SchedulerChecks.Clock(TimeSpan.FromSeconds(seconds), TimeSpan.FromMilliseconds(10)).Outcome.ShouldBe(outcome);

    [Fact]
    public void A_difference_that_the_answers_time_explains_is_none() =>
        SchedulerChecks.Clock(TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(2)).Outcome.ShouldBe(CheckOutcome.Ok);

    [Fact]
    public void A_tickets_end_is_told_before_it_comes()
    {
        var ticket = new TicketAuthority(ClusterSecret.FromText("correct horse battery staple"), TimeProvider.System)
            .Issue("test", "acme", TicketRole.Operator, TimeSpan.FromHours(4));
        var now = DateTimeOffset.UtcNow;

        SchedulerChecks.Ticket(ticket, now).ShouldSatisfyAllConditions(
            check => check.Outcome.ShouldBe(CheckOutcome.Ok), check => check.Found.ShouldStartWith("operator of acme"));
        SchedulerChecks.Ticket(ticket, now.AddHours(3.5)).Outcome.ShouldBe(CheckOutcome.Warning);
        SchedulerChecks.Ticket(ticket, now.AddHours(5)).Outcome.ShouldBe(CheckOutcome.Failure);
        SchedulerChecks.Ticket("gat1.!!!.x", now).Found.ShouldBe("This is not a ticket.");
    }

    [Fact]
    public void A_gateway_must_speak_a_version_in_common_and_encrypt_on_a_network()
    {
        Challenge Of(ushort version, bool tls) => new(version, version, tls, GatewayHandshake.NewNonce());

        GatewayChecks.Answer("gateway h", "10.0.0.1:4795", Of(ProtocolVersion.Newest, true)).Outcome.ShouldBe(CheckOutcome.Ok);
        GatewayChecks.Answer("gateway h", "10.0.0.1:4795", Of(ProtocolVersion.Newest, false)).Outcome.ShouldBe(CheckOutcome.Warning);
        GatewayChecks.Answer("gateway h", "127.0.0.1:4795", Of(ProtocolVersion.Newest, false)).Outcome.ShouldBe(CheckOutcome.Ok);
        GatewayChecks.Answer("gateway h", "10.0.0.1:4795", Of(ProtocolVersion.Newest + 1, true)).Outcome.ShouldBe(CheckOutcome.Failure);
    }

    [Fact]
    public void Limits_and_buffers_are_read_from_the_systems_files()
    {
        Write("proc/self/limits", "Limit  Soft  Hard  Units\nMax open files            256                  512                  files\n"
            + "Max locked memory         unlimited            unlimited            bytes\n");
        Write("proc/sys/net/ipv4/tcp_rmem", "4096\t131072\t262144\n");
        Write("proc/sys/net/ipv4/tcp_wmem", "4096\t16384\t4194304\n");

        var checks = new KernelSettings(_root).OfClient().ToDictionary(check => check.Name);

        checks["limits.nofile"].Outcome.ShouldBe(CheckOutcome.Warning);
        checks["limits.nofile"].Found.ShouldStartWith("256 open files");
        checks["limits.memlock"].Outcome.ShouldBe(CheckOutcome.Ok);
        checks["kernel.tcp-buffers"].Outcome.ShouldBe(CheckOutcome.Warning);
        checks["kernel.tcp-buffers"].Advice!.ShouldContain("sysctl");
    }

    [Fact]
    public void A_system_that_does_not_tell_is_not_judged() =>
        new KernelSettings(_root).OfWorker().ShouldAllBe(check => check.Outcome == CheckOutcome.Skipped);

    [Fact]
    public void Drivers_that_crash_are_told_apart_from_a_loader_that_is_missing()
    {
        var crashed = LoaderAnswer.Parse("loader\tOpenCL ICD loader 2.3.1\t/usr/lib/libOpenCL.so.1\n", "a driver ends the process with 139: ");

        OpenClChecks.Loader(crashed).Outcome.ShouldBe(CheckOutcome.Ok);
        OpenClChecks.Drivers(crashed).Outcome.ShouldBe(CheckOutcome.Warning);
        OpenClChecks.Loader(LoaderAnswer.Parse("", null)).Advice!.ShouldContain("ocl-icd-libopencl1");
    }

    [Fact]
    public void A_line_of_a_workers_program_is_read_as_it_was_written()
    {
        var check = HostCheck.Failure("worker.disk", "full\nreally", "room", "Make room.");

        HostCheck.TryParse(check.ToJson()).ShouldBe(check);
        check.ToJson().ShouldNotContain('\n');
        HostCheck.TryParse("no check").ShouldBeNull();
        HostCheck.TryParse("{}").ShouldBeNull();
    }

    private void Write(string file, string text)
    {
        var path = Path.Combine(_root, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
