using GpuActors.Actors.TestKit;
using GpuActors.Actors.TestKit.Stores;

namespace GpuActors.Simulation.Faults;

/// <summary>What is wrong between the nodes and their database at present.</summary>
internal sealed class StoreFaults(SeededRandomSource random) : IStoreFaults
{
    private readonly HashSet<string> _cutOff = new(StringComparer.Ordinal);

    /// <summary>The database is down.</summary>
    public bool IsDown { get; set; }

    /// <summary>The disk is full.</summary>
    public bool IsFull { get; set; }

    /// <summary>How much longer each request takes at most.</summary>
    public TimeSpan SlowBy { get; set; }

    /// <summary>How likely an answer is lost.</summary>
    public double AnswerLossChance { get; set; }

    /// <summary>A node does not reach the database, or does again.</summary>
    public void CutOff(string node, bool isCutOff)
    {
        if (isCutOff)
        {
            _cutOff.Add(node);
        }
        else
        {
            _cutOff.Remove(node);
        }
    }

    /// <summary>All is well.</summary>
    public void Heal()
    {
        (IsDown, IsFull, SlowBy, AnswerLossChance) = (false, false, TimeSpan.Zero, 0);
        _cutOff.Clear();
    }

    public StoreFault Decide(string node, StoreOperation operation)
    {
        var delay = SlowBy * random.NextDouble();
        if (IsDown || _cutOff.Contains(node))
        {
            return new StoreFault(StoreFaultKind.Unreachable, delay);
        }

        if (IsFull && operation != StoreOperation.Read)
        {
            return new StoreFault(StoreFaultKind.CommitFails, delay);
        }

        return AnswerLossChance > 0 && random.NextDouble() < AnswerLossChance
            ? new StoreFault(StoreFaultKind.AnswerLost, delay)
            : new StoreFault(StoreFaultKind.None, delay);
    }
}
