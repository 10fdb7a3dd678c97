using System.Globalization;

namespace GpuActors.Simulation;

/// <summary>Runs many seeds, one on each core at a time. Each is a simulation of its own, with nothing shared.</summary>
internal sealed class ChaosSweep(ChaosCommand command)
{
    private const int StackBytes = 16 * 1024 * 1024;

    private readonly Lock _lock = new();
    private long _next = command.From;
    private long _seeds;
    private long _events;
    private long _violations;
    private TimeSpan _simulated;

    /// <summary>Prints failures as they come and a summary; returns the exit code.</summary>
    public int Run()
    {
        var threads = Enumerable.Range(0, Environment.ProcessorCount)
            .Select(_ => new Thread(RunSeeds, StackBytes)).ToArray();
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"seeds {_seeds}, simulated hours {_simulated.TotalHours:F1}, events {_events}, violations {_violations}"));
        return _violations > 0 ? 1 : 0;
    }

    private void RunSeeds()
    {
        while (true)
        {
            long seed;
            lock (_lock)
            {
                if (_next > command.To)
                {
                    return;
                }

                seed = _next++;
            }

            Count(Try(seed));
        }
    }

    private SeedResult Try(long seed)
    {
        try
        {
            return ChaosRun.Run(seed, command.Settings);
        }
        catch (Exception e)
        {
            return new SeedResult(seed, 0, TimeSpan.Zero, 0, $"the simulation failed: {e}", "");
        }
    }

    private void Count(SeedResult result)
    {
        lock (_lock)
        {
            _seeds++;
            _events += result.Events;
            _simulated += result.Simulated;
            if (result.Violation is not null)
            {
                _violations++;
                Console.WriteLine($"seed {result.Seed}: {result.Violation}; {result.Tally}");
            }
        }
    }
}
