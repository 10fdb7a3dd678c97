using GpuActors.Worker.Sharing;

namespace GpuActors.Worker.Tests.Sharing;

/// <summary>The memory of a slice that several executors share.</summary>
public sealed class MemoryLedgerTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
    private readonly MemoryLedger _ledger;

    public MemoryLedgerTests() => _ledger = MemoryLedger.Create(_path);

    public void Dispose()
    {
        _ledger.Dispose();
        File.Delete(_path);
    }

    [Fact]
    public void Entries_together_stay_within_the_limit_and_what_is_given_back_can_be_taken()
    {
        using var other = MemoryLedger.Open(_path);
        _ledger.Extend(3);

        _ledger.TryTake(0, 60, 100).ShouldBeTrue();
        other.TryTake(3, 41, 100).ShouldBeFalse();
        other.TryTake(3, 40, 100).ShouldBeTrue();
        _ledger.TryTake(1, 1, 100).ShouldBeFalse();
        _ledger.GiveBack(0, 10);
        other.TryTake(1, 10, 100).ShouldBeTrue();
        other.UsedBytes().ShouldBe(100);
    }

    [Fact]
    public void An_entry_that_is_closed_still_counts_until_it_is_cleared()
    {
        _ledger.Extend(1);
        _ledger.TryTake(0, 60, 100);
        _ledger.Close(0);

        (_ledger.UsedBytes(), _ledger.ClosingBytes()).ShouldBe((60, 60));
        _ledger.TryTake(1, 50, 100).ShouldBeFalse();
        _ledger.GiveBack(0, 20);
        (_ledger.UsedBytes(), _ledger.ClosingBytes()).ShouldBe((40, 40));
        _ledger.Clear(0);
        (_ledger.UsedBytes(), _ledger.ClosingBytes()).ShouldBe((0, 0));
    }

    [Fact]
    public void Many_that_take_and_give_back_at_once_never_hold_more_than_there_is()
    {
        const int Takers = 4;
        const int Limit = 100;
        _ledger.Extend(Takers - 1);
        long held = 0, most = 0;
        Parallel.For(0, Takers, new ParallelOptions { MaxDegreeOfParallelism = Takers }, taker =>
        {
            var random = new Random(taker);
            for (var i = 0; i < 20_000; i++)
            {
                var bytes = random.Next(1, 70);
                if (!_ledger.TryTake(taker, bytes, Limit))
                {
                    continue;
                }

                var now = Interlocked.Add(ref held, bytes);
                for (var seen = Volatile.Read(ref most); now > seen; seen = Volatile.Read(ref most))
                {
                    Interlocked.CompareExchange(ref most, now, seen);
                }

                Interlocked.Add(ref held, -bytes);
                _ledger.GiveBack(taker, bytes);
            }
        });

        most.ShouldBeInRange(1, Limit);
        _ledger.UsedBytes().ShouldBe(0);
    }
}
