using GpuActors.Shared.Jobs.Planning;

namespace GpuActors.Worker.Jobs;

/// <summary>
/// Walks through a plan's steps in order, repeats expanded as it goes: a thousand million steps take no more memory
/// than one.
/// </summary>
internal sealed class JobWalk(JobPlan plan, PlanState state)
{
    private readonly Stack<Level> _levels = new([new Level(plan.Root, 1, null)]);

    /// <summary>The step to do now; null: memory that a block made is to be released.</summary>
    public PlannedStep? Step { get; private set; }

    /// <summary>Memory to release at the end of a block.</summary>
    public IReadOnlyList<PlannedMemory> Released { get; private set; } = [];

    /// <summary>Goes on to the next; false at the end.</summary>
    public bool MoveNext()
    {
        Released = [];
        while (_levels.TryPeek(out var level))
        {
            if (level.Next < level.Block.Steps.Count)
            {
                Step = level.Block.Steps[level.Next++];
                if (Step is not PlannedRepeat repeat)
                {
                    return true;
                }

                Enter(repeat);
            }
            else if (LeaveRound(level))
            {
                Step = null;
                return true;
            }
        }

        return false;
    }

    private void Enter(PlannedRepeat repeat)
    {
        state.Counters[repeat.Depth] = 0;
        _levels.Push(new Level(repeat.Body, repeat.Count, repeat.Depth));
    }

    /// <summary>Goes on to the block's next round, or out of it; true if there is memory to release.</summary>
    private bool LeaveRound(Level level)
    {
        level.Next = 0;
        level.Round++;
        if (level.Round == level.Rounds)
        {
            _levels.Pop();
        }
        else
        {
            state.Counters[level.Depth!.Value] = level.Round;
        }

        Released = level.Block.Created;
        return Released.Count > 0;
    }

    private sealed class Level(PlannedBlock block, long rounds, int? depth)
    {
        public PlannedBlock Block => block;

        public long Rounds => rounds;

        public int? Depth => depth;

        public int Next { get; set; }

        public long Round { get; set; }
    }
}
