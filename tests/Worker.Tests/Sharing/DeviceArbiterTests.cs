using GpuActors.Shared.Devices;
using GpuActors.Worker.Sharing;
using GpuActors.Worker.Tests.Pool;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuActors.Worker.Tests.Sharing;

/// <summary>Who has a turn, with pages that the test fills in the place of executors.</summary>
public sealed class DeviceArbiterTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gat-").FullName;
    private readonly List<SharePage> _pages = [];

    [Fact]
    public async Task Executors_of_one_slice_have_its_turns_together_and_the_last_that_leaves_ends_its_part()
    {
        using var bell = ShareBell.Create(Path.Combine(_folder, "bell"));
        using var arbiter = new DeviceArbiter(bell, new TimeSliceSettings(), TimeProvider.System, NullLogger.Instance);
        var (one, two, late, other) = (NewPage(), NewPage(), NewPage(), NewPage());
        using var first = arbiter.Join(one, Claim, slice: "a");
        using var second = arbiter.Join(two, Claim, slice: "a");

        Set(bell, one, ShareState.Wants);
        await Deadlines.Until(() => one.GrantedUntil == long.MaxValue, "the slice alone has an open turn");
        two.GrantedUntil.ShouldBe(long.MaxValue);
        using var third = arbiter.Join(late, Claim, slice: "a");
        late.GrantedUntil.ShouldBe(long.MaxValue);
        using var neighbour = arbiter.Join(other, Claim);
        arbiter.Count.ShouldBe(2);

        Set(bell, two, ShareState.Runs);
        Set(bell, one, ShareState.Idle);
        Set(bell, other, ShareState.Wants);
        await Deadlines.Until(() => two.GrantedUntil == 0 && late.GrantedUntil == 0, "the slice's turn is over");
        other.GrantedUntil.ShouldBe(0); // a kernel of the slice still runs
        Set(bell, two, ShareState.Idle);
        await Deadlines.Until(() => other.GrantedUntil > 0, "the neighbour has its turn");
        one.GrantedUntil.ShouldBe(0);

        first.Dispose();
        second.Dispose();
        arbiter.Count.ShouldBe(2);
        third.Dispose();
        arbiter.Count.ShouldBe(1);
    }

    public void Dispose()
    {
        _pages.ForEach(page => page.Dispose());
        Directory.Delete(_folder, recursive: true);
    }

    private static ShareClaim Claim => new(SharePolicy.Weighted, 100, new SharePart(25));

    private static void Set(ShareBell bell, SharePage page, ShareState state)
    {
        page.State = state;
        bell.Ring();
    }

    private SharePage NewPage()
    {
        var page = SharePage.Create(Path.Combine(_folder, $"page{_pages.Count}"));
        _pages.Add(page);
        return page;
    }
}
