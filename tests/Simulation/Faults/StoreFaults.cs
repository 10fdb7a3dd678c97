using GpuActors.Actors.TestKit;
using GpuActors.Actors.TestKit.Stores;

namespace GpuActors.Simulation.Faults;

/// <summary>What is wrong between the nodes and their database at present.</summary>
internal sealed class StoreFaults(SeededRandomSource random) : IStoreFaults
{
    private readonly HashSet<string> _cutOff = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Action> _atNextWrite = new(StringComparer.Ordinal);

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

    /// <summary>Does something at the moment at which a node's next write sets out, before it takes effect.</summary>
    public void AtNextWrite(string node, Action action) => _atNextWrite[node] = action;

    /// <summary>All is well.</summary>
    public void Heal()
    {
        _atNextWrite.Clear();
        (IsDown, IsFull, SlowBy, AnswerLossChance) = (false, false, TimeSpan.Zero, 0);
        _cutOff.Clear();
    }

    public StoreFault Decide(string node, StoreOperation operation)
    {
        if (operation == StoreOperation.Write && _atNextWrite.Remove(node, out var action))
        {
            action();
        }

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
