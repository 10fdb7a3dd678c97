using GpuActors.Scheduler.Simulation.Runs;

namespace GpuActors.Scheduler.Tests.Simulation;

public sealed class StatisticsTests
{
    [Fact]
    public void A_level_is_the_mean_of_the_events_whose_arrived_demand_rounds_to_it()
    {
        var levels = new LevelRecorder();
        levels.Add(new LevelSample(99.4, 90, 5, 1, 0));
        levels.Add(new LevelSample(99.6, 91, 4, 1, 1));
        levels.Add(new LevelSample(100.2, 92, 3, 2, 1));
        levels.Add(new LevelSample(100.4, 96, 2, 3, 4));

        levels.Read().ShouldBe([
            new LevelFigures(99, 90, 5, 1, 0),
            new LevelFigures(100, 93, 3, 2, 2),
        ]);
    }

    [Fact]
    public void Seeds_are_told_by_mean_and_population_deviation() =>
        Spread.Of([2.0, 4, 4, 4, 5, 5, 7, 9]).ShouldBe(new Spread(5, 2, 2, 9, 8));

    [Fact]
    public void An_average_over_time_counts_each_amount_as_long_as_it_lasts()
    {
        var average = new TimeAverage(10, 20);
        average.Set(0, 100);
        average.Set(12, 50);
        average.Set(16, 0);

        average.Read().ShouldBe((2 * 100 + 4 * 50 + 4 * 0) / 10.0);
    }

    [Fact]
    public void Waiting_times_are_told_by_class()
    {
        var times = new WaitingTimes();
        for (var i = 1; i <= 100; i++)
        {
            times.Add("share", i, placed: true);
        }

        times.Add("8 GPUs", 1000, placed: false);
        var read = times.Read();

        read.Select(f => f.Class).ShouldBe(["all", "share", "8 GPUs"]);
        read[1].ShouldBe(new WaitingFigures("share", 100, 0, 50.5, 50, 95, 99));
        read[2].Unplaced.ShouldBe(1);
        read[0].P99.ShouldBe(100);
    }
}
