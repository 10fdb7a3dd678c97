using GpuActors.Node.Metrics;
using GpuActors.Shared.Messages;

namespace GpuActors.Node.Tests;

public sealed class SliceInstrumentsTests : MetricsFixture
{
    private readonly StoppedClock _clock = new();
    private SliceUsage[] _usage = [];
    private int _reads;

    public SliceInstrumentsTests() => _ = new SliceInstruments(
        Metrics.CreateMeter("GpuActors.Worker"),
        () =>
        {
            _reads++;
            return _usage;
        },
        _clock);

    [Fact]
    public void A_slice_is_told_with_all_its_numbers_and_whose_it_is()
    {
        _usage = [Usage("host.a/2/s1", "acme/job-1")];

        var read = Read();

        (string, string)[] labels =
            [("host", "host.a"), ("gpu", "host.a/2"), ("slice", "host.a/2/s1"), ("session", "acme/job-1"), ("tenant", "acme")];
        read.Value("gpuactors_slice_busy_seconds_total", labels).ShouldBe(1.5);
        read.Value("gpuactors_slice_queued_seconds_total", labels).ShouldBe(0.75);
        read.Value("gpuactors_slice_throttled_seconds_total", labels).ShouldBe(0.25);
        read.Value("gpuactors_slice_kernels_total", labels).ShouldBe(12);
        read.Value("gpuactors_slice_bytes_in_total", labels).ShouldBe(1 << 20);
        read.Value("gpuactors_slice_bytes_out_total", labels).ShouldBe(1 << 10);
        read.Value("gpuactors_slice_memory_bytes", labels).ShouldBe(4096);
        read.Value("gpuactors_slice_memory_peak_bytes", labels).ShouldBe(8192);
        read.Types["gpuactors_slice_busy_seconds_total"].ShouldBe("counter");
        read.Types["gpuactors_slice_memory_bytes"].ShouldBe("gauge");
    }

    [Fact]
    public void A_session_that_has_ended_vanishes()
    {
        _usage = [Usage("a/0/s1", "acme/1"), Usage("a/0/s2", "acme/2")];
        Read().Of("gpuactors_slice_memory_bytes").Count().ShouldBe(2);

        _usage = [_usage[1]];
        _clock.Advance(TimeSpan.FromSeconds(1));

        Read().Samples.Where(s => s.Labels.ContainsKey("session")).Select(s => s.Labels["session"]).Distinct().ShouldBe(["acme/2"]);
    }

    [Fact]
    public void One_reading_shows_one_moment()
    {
        _usage = [Usage("a/0/s1", "acme/1")];
        Read();

        _reads.ShouldBe(1);
    }

    private static SliceUsage Usage(string slice, string session) => new(
        slice, session, "acme", 7, TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(0.75), TimeSpan.FromSeconds(0.25), 12,
        1 << 20, 1 << 10, 4096, 8192);

    private sealed class StoppedClock : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        public void Advance(TimeSpan time) => _ticks += time.Ticks;
    }
}
