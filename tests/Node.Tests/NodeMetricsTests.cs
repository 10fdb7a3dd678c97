using System.Diagnostics.Metrics;
using GpuActors.Node.Metrics;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuActors.Node.Tests;

public sealed class NodeMetricsTests : MetricsFixture
{
    private readonly Meter _meter;

    public NodeMetricsTests() => _meter = Metrics.CreateMeter("GpuActors.Test");

    [Fact]
    public void A_counter_adds_up_under_its_unit_and_total()
    {
        var moved = _meter.CreateCounter<long>("test.moved", "By", "Bytes that were moved.");
        moved.Add(3, new KeyValuePair<string, object?>("to", "device"));
        moved.Add(4, new KeyValuePair<string, object?>("to", "device"));
        moved.Add(5);
        moved.Add(-1);

        var read = Read();

        read.Types["gpuactors_test_moved_bytes_total"].ShouldBe("counter");
        read.Helps["gpuactors_test_moved_bytes_total"].ShouldBe("Bytes that were moved.");
        read.Value("gpuactors_test_moved_bytes_total", ("to", "device")).ShouldBe(7);
        read.Of("gpuactors_test_moved_bytes_total").Where(s => s.Labels.Count == 0).ShouldHaveSingleItem().Value.ShouldBe(5);
    }

    [Fact]
    public void What_goes_up_and_down_is_a_gauge()
    {
        var open = _meter.CreateUpDownCounter<int>("test.open");
        open.Add(3);
        open.Add(-1);
        _meter.CreateGauge<double>("test.level").Record(0.25);

        var read = Read();

        (read.Types["gpuactors_test_open"], read.Value("gpuactors_test_open")).ShouldBe(("gauge", 2));
        (read.Types["gpuactors_test_level"], read.Value("gpuactors_test_level")).ShouldBe(("gauge", 0.25));
    }

    [Fact]
    public void A_histogram_with_bounds_has_buckets_that_add_up()
    {
        var took = _meter.CreateHistogram(
            "test.took", "s", "", tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1] });
        foreach (var seconds in new[] { 0.1, 0.5, 0.5, 7 })
        {
            took.Record(seconds, new KeyValuePair<string, object?>("le", "mine"));
        }

        var read = Read();

        read.Types["gpuactors_test_took_seconds"].ShouldBe("histogram");
        double Bucket(string le) => read.Value("gpuactors_test_took_seconds_bucket", ("le", le), ("le_", "mine"));
        (Bucket("0.1"), Bucket("1"), Bucket("+Inf")).ShouldBe((1, 3, 4));
        read.Value("gpuactors_test_took_seconds_count").ShouldBe(4);
        read.Value("gpuactors_test_took_seconds_sum").ShouldBe(8.1, 1e-9);
    }

    [Fact]
    public void A_histogram_without_bounds_has_sum_and_count()
    {
        var took = _meter.CreateHistogram<double>("test.took", "s");
        took.Record(2);
        took.Record(3);

        var read = Read();

        read.Types["gpuactors_test_took_seconds"].ShouldBe("summary");
        (read.Value("gpuactors_test_took_seconds_sum"), read.Value("gpuactors_test_took_seconds_count")).ShouldBe((5, 2));
    }

    [Theory]
    [InlineData("quote \" backslash \\ line\nfeed \\n end\\")]
    [InlineData("} 1\ngpuactors_evil 1\n# TYPE x counter")]
    [InlineData("carriage\rreturn, tab\t, null\0, \u2028, 名前 😀")]
    [InlineData("")]
    public void Hostile_label_values_arrive_as_they_are_and_hurt_nothing(string hostile)
    {
        _meter.CreateCounter<long>("test.hostile", null, "Help with \\ and\na line feed")
            .Add(1, new KeyValuePair<string, object?>("name", hostile));

        var read = Read();

        read.Of("gpuactors_test_hostile_total").ShouldHaveSingleItem().Labels["name"].ShouldBe(hostile);
        read.Helps["gpuactors_test_hostile_total"].ShouldBe("Help with \\\\ and\\na line feed");
        read.Types.Keys.ShouldNotContain("gpuactors_evil");
    }

    [Fact]
    public void Any_label_value_can_be_read_back()
    {
        var last = "";
        _meter.CreateObservableGauge("test.any", () => new Measurement<int>(1, new KeyValuePair<string, object?>("v", last)));

        Prop.ForAll<string?>(value =>
        {
            last = value ?? "";
            var read = Read().Of("gpuactors_test_any").ShouldHaveSingleItem().Labels["v"];
            var expected = string.Concat(last.EnumerateRunes().Select(rune => rune.ToString()));
            return read == expected;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_value_that_is_too_long_is_cut_between_characters()
    {
        var longest = string.Concat(Enumerable.Repeat("x", 511)) + "😀" + new string('y', 1000);
        _meter.CreateGauge<int>("test.long").Record(1, new KeyValuePair<string, object?>("v", longest));

        Read().Of("gpuactors_test_long").ShouldHaveSingleItem().Labels["v"].ShouldBe(new string('x', 511));
    }

    [Fact]
    public void Names_have_only_characters_that_a_name_may_have()
    {
        _meter.CreateGauge<int>("9.test-name..ü x", "{thing}").Record(
            1, new("9-label", "a"), new("__name__", "b"), new("9_label", "c"));

        var sample = Read().Samples.Where(s => s.Name.StartsWith("gpuactors_9_test", StringComparison.Ordinal)).ShouldHaveSingleItem();

        sample.Name.ShouldBe("gpuactors_9_test_name_x");
        sample.Labels["_9_label"].ShouldBe("a;c");
        sample.Labels["_name_"].ShouldBe("b");
    }

    [Fact]
    public void A_label_set_in_another_order_is_the_same()
    {
        var counter = _meter.CreateCounter<int>("test.order");
        counter.Add(1, new("a", 1), new KeyValuePair<string, object?>("b", true));
        counter.Add(1, new KeyValuePair<string, object?>("b", true), new("a", 1));

        Read().Value("gpuactors_test_order_total", ("a", "1"), ("b", "true")).ShouldBe(2);
    }

    [Fact]
    public void What_an_observable_instrument_does_not_tell_any_more_is_gone()
    {
        string[] sessions = ["a", "b"];
        _meter.CreateObservableCounter("test.seen", () => sessions.Select(s =>
            new Measurement<long>(5, new KeyValuePair<string, object?>("session", s))));

        Read().Of("gpuactors_test_seen_total").Count().ShouldBe(2);
        sessions = ["b"];
        var read = Read();

        read.Of("gpuactors_test_seen_total").ShouldHaveSingleItem().Labels["session"].ShouldBe("b");
        sessions = [];
        Read().Types.Keys.ShouldNotContain("gpuactors_test_seen_total");
    }

    [Fact]
    public void Label_sets_beyond_the_bound_are_left_out_and_counted()
    {
        var counter = _meter.CreateCounter<int>("test.flood");
        for (var i = 0; i < MaxSeries + 30; i++)
        {
            counter.Add(1, new KeyValuePair<string, object?>("id", i));
        }

        counter.Add(1, new KeyValuePair<string, object?>("id", 0));
        _meter.CreateGauge<int>("test.other").Record(1);
        var read = Read();

        read.Of("gpuactors_test_flood_total").Count().ShouldBe(MaxSeries);
        read.Value("gpuactors_test_flood_total", ("id", "0")).ShouldBe(2);
        read.Value("gpuactors_metrics_dropped_total").ShouldBe(30);
        read.Value("gpuactors_test_other").ShouldBe(1);
    }

    [Fact]
    public void An_instrument_that_fails_leaves_the_others_readable()
    {
        _meter.CreateObservableGauge("test.broken", Broken);
        _meter.CreateObservableGauge("test.whole", () => 1);

        var read = Read();

        read.Value("gpuactors_test_whole").ShouldBe(1);
        read.Value("gpuactors_metrics_failed_reads_total").ShouldBe(1);

        static int Broken() => throw new InvalidOperationException("It broke.");
    }

    [Fact]
    public void A_node_shows_its_own_meters_the_process_s_and_a_few_of_the_runtime_but_no_other_node_s()
    {
        using var other = new NodeMetrics(MaxSeries, NullLogger<NodeMetrics>.Instance);
        other.CreateMeter("GpuActors.Test").CreateGauge<int>("test.other").Record(1);
        using var shared = new Meter("GpuActors.Shared");
        shared.CreateGauge<int>("test.shared").Record(1);
        using var foreign = new Meter("Foreign");
        foreign.CreateGauge<int>("foreign.number").Record(1);

        var read = Read();

        read.Types.Keys.ShouldContain("gpuactors_test_shared");
        read.Types.Keys.ShouldNotContain("gpuactors_test_other");
        read.Types.Keys.ShouldNotContain("foreign_number");
        read.Types["dotnet_process_cpu_time_seconds_total"].ShouldBe("counter");
        read.Types["dotnet_gc_last_collection_heap_size_bytes"].ShouldBe("gauge");
        read.Value("dotnet_thread_pool_queue_length").ShouldBeGreaterThanOrEqualTo(0);
        read.Types["dotnet_thread_pool_thread_count"].ShouldBe("gauge");
    }

    [Fact]
    public void The_metrics_of_a_meter_that_has_ended_are_gone()
    {
        using (var meter = new Meter("GpuActors.Passing"))
        {
            meter.CreateGauge<int>("test.passing").Record(1);
            Read().Types.Keys.ShouldContain("gpuactors_test_passing");
        }

        Read().Types.Keys.ShouldNotContain("gpuactors_test_passing");
    }

    [Fact]
    public void Two_instruments_with_one_name_are_one_metric()
    {
        _meter.CreateGauge<int>("test.twin").Record(1, new KeyValuePair<string, object?>("from", "a"));
        var second = Metrics.CreateMeter("GpuActors.Second").CreateGauge<int>("test.twin");
        second.Record(2, new KeyValuePair<string, object?>("from", "a"));
        second.Record(3, new KeyValuePair<string, object?>("from", "b"));

        var read = Read();

        read.Value("gpuactors_test_twin", ("from", "b")).ShouldBe(3);
        read.Of("gpuactors_test_twin").Count().ShouldBe(2);
    }
}
