using GpuActors.Scheduler.Placement;
using GpuActors.Scheduler.Placement.Capacity;
using GpuActors.Scheduler.Placement.Policies;
using GpuActors.Scheduler.Placement.Requests;

namespace GpuActors.Scheduler.Tests.Placement;

/// <summary>What the laws of <see cref="ClusterPropertyTests"/> leave open: hosts that join, classes that are forgotten, errors.</summary>
public sealed class PlacementEngineTests
{
    private static readonly HostSpec Host = new(8000, 1024, 1, "A");
    private static readonly PlacementRequest Whole = new() { CpuMilli = 1000, GpuCount = 1, GpuMilli = 1000 };

    private readonly ClusterState _state = new();
    private readonly PlacementEngine _engine;

    public PlacementEngineTests() => _engine = new PlacementEngine(_state, new BestFitPolicy());

    [Fact]
    public void Hosts_that_join_are_found_however_many_were_there_when_the_scores_were_computed()
    {
        for (var i = 0; i < 300; i++)
        {
            _state.AddHost(Host);
            _engine.TryPlace(Whole, out var placed).ShouldBeTrue();
            placed.Host.ShouldBe(i);
            _engine.TryPlace(Whole, out _).ShouldBeFalse();
        }
    }

    [Fact]
    public void A_host_that_is_closed_is_given_nothing_until_it_is_open_again()
    {
        _state.AddHost(Host);
        _state.AddHost(Host);
        _state.SetOpen(0, false);
        _engine.TryPlace(Whole, out var placed).ShouldBeTrue();
        placed.Host.ShouldBe(1);
        _engine.TryPlace(Whole, out _).ShouldBeFalse();
        _state.SetOpen(0, true);
        _engine.TryPlace(Whole, out placed).ShouldBeTrue();
        placed.Host.ShouldBe(0);
    }

    [Fact]
    public void Classes_are_forgotten_when_there_are_too_many_and_asked_for_anew_they_are_as_good()
    {
        var classes = new RequestClasses(_state.Models, limit: 8);
        var first = classes.Intern(Whole);
        for (var cpu = 1; cpu < 100; cpu++)
        {
            classes.Intern(Whole with { CpuMilli = cpu });
        }

        classes.Count.ShouldBeLessThanOrEqualTo(8);
        classes.Intern(Whole).ShouldNotBeSameAs(first);
        _state.AddHost(Host);
        _engine.TryPlace(first, 0, out _).ShouldBeTrue("whoever still holds it may use it");
    }

    [Fact]
    public void Scores_that_are_kept_stay_within_their_bound()
    {
        for (var i = 0; i < 1000; i++)
        {
            _state.AddHost(Host with { GpuCount = 8 });
        }

        for (var cpu = 0; cpu < 2000; cpu++)
        {
            _engine.TryChoose(_engine.Classes.Intern(Whole with { CpuMilli = cpu }), 0, out _).ShouldBeTrue();
        }

        _engine.ScoreBytes.ShouldBeLessThanOrEqualTo((long)PlacementEngine.DefaultBytesPerGpu * _state.GpuCount);
    }

    [Fact]
    public void What_was_not_taken_can_not_be_given_back_and_what_is_taken_not_taken_again()
    {
        _state.AddHost(Host);
        _engine.TryPlace(Whole, out var placed).ShouldBeTrue();
        Should.Throw<InvalidOperationException>(() => _state.Take(placed)).Message.ShouldContain("is not free on host 0");
        _engine.Release(placed);
        Should.Throw<InvalidOperationException>(() => _engine.Release(placed)).Message.ShouldContain("was not taken");
        _state.GpuFreeMilli.ShouldBe(1000);
    }

    [Theory]
    [InlineData(-1, 1, 1000)]
    [InlineData(0, 65, 1000)]
    [InlineData(0, 1, 1001)]
    [InlineData(0, 1, 0)]
    [InlineData(0, 0, 500)]
    public void A_request_that_can_not_be_is_refused(int cpu, int gpus, int milli) =>
        Should.Throw<ArgumentException>(() => _engine.Classes.Intern(
            new PlacementRequest { CpuMilli = cpu, GpuCount = gpus, GpuMilli = milli }));
}
