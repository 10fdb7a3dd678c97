using GpuActors.Scheduler.Placement.Cells;

namespace GpuActors.Scheduler.Tests.Placement;

public sealed class PoolCellsTests
{
    private static readonly string[] Hosts = [.. Enumerable.Range(0, 20_000).Select(i => $"gpu-{i}.example.org")];

    [Fact]
    public void The_first_cell_has_the_pools_name_and_signs_with_nothing()
    {
        new PoolCells("p", 3).Names.ShouldBe(["p", "p~1", "p~2"]);
        foreach (var (cell, number) in new PoolCells("p", 3).Names.Select((name, number) => (name, number)))
        {
            PoolCells.PoolOf(cell).ShouldBe("p");
            PoolCells.NumberOf(cell).ShouldBe(number);
            PoolCells.NumberOf(PoolCells.SignatureOf(cell)).ShouldBe(number);
            new PoolCells("p", 3).NameOf(PoolCells.SignatureOf(cell)).ShouldBe(cell);
        }

        PoolCells.SignatureOf("p").ShouldBeNull();
        PoolCells.NumberOf(null).ShouldBe(0);
    }

    /// <summary>Journals outlive versions: these numbers must never change.</summary>
    [Theory]
    [InlineData("a", 2, 1)]
    [InlineData("b", 2, 0)]
    [InlineData("gpu-node-17", 4, 3)]
    [InlineData("r12-h3.example.org", 16, 2)]
    [InlineData("größe", 64, 22)]
    [InlineData("a", 1, 0)]
    public void A_hosts_cell_is_the_same_in_every_process_and_version(string host, int cells, int expected) =>
        new PoolCells("p", cells).NumberOfHost(host).ShouldBe(expected);

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(10)]
    [InlineData(64)]
    public void Cells_get_equally_many_hosts(int cells)
    {
        var counts = Hosts.CountBy(new PoolCells("p", cells).NumberOfHost).ToDictionary();
        counts.Count.ShouldBe(cells);
        var mean = (double)Hosts.Length / cells;
        counts.Values.ShouldAllBe(count => Math.Abs(count - mean) < 5 * Math.Sqrt(mean));
    }

    [Fact]
    public void One_cell_more_takes_its_part_of_each_and_moves_no_other_host()
    {
        var moved = Hosts.Where(host =>
            new PoolCells("p", 4).NumberOfHost(host) != new PoolCells("p", 5).NumberOfHost(host)).ToArray();
        moved.ShouldAllBe(host => new PoolCells("p", 5).NumberOfHost(host) == 4);
        ((double)moved.Length / Hosts.Length).ShouldBe(0.2, 0.02);
    }

    [Fact]
    public void A_pool_of_one_cell_counts_epochs_one_by_one() => new PoolCells("p", 1).EpochAfter(0, 41).ShouldBe(42);

    [Fact]
    public void Epochs_grow_and_no_two_cells_give_the_same()
    {
        var cells = new PoolCells("p", 5);
        var (given, last) = (new HashSet<long>(), new long[5]);
        for (var i = 0; i < 1000; i++)
        {
            var cell = i * 7 % 5;
            var next = cells.EpochAfter(cell, last[cell]);
            next.ShouldBeInRange(last[cell] + 1, last[cell] + PoolCells.Limit);
            given.Add(next).ShouldBeTrue();
            last[cell] = next;
        }
    }
}
