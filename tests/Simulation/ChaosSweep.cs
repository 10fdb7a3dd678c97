using System.Globalization;
using System.Runtime.InteropServices;

namespace GpuActors.Simulation;

/// <summary>
/// Runs many seeds, one on each core at a time. Each is a simulation of its own, with nothing shared. Ctrl-C or SIGTERM
/// ends a sweep with the seeds that are under way; its summary says how many there were.
/// </summary>
internal sealed class ChaosSweep(ChaosCommand command)
{
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(15);

    private const int StackBytes = 16 * 1024 * 1024;

    private readonly Lock _lock = new();
    private long _next = command.From;
    private long _seeds;
    private long _events;
    private long _violations;
    private TimeSpan _simulated;
    private bool _isCutOff;

    /// <summary>Prints failures as they come and a summary; returns the exit code.</summary>
    public int Run()
    {
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, CutOff);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, CutOff);
        using var progress = new Timer(_ => ShowProgress(), null, ProgressInterval, ProgressInterval);
        var threads = Enumerable.Range(0, Environment.ProcessorCount)
            .Select(_ => new Thread(RunSeeds, StackBytes)).ToArray();
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"seeds {_seeds}, simulated hours {_simulated.TotalHours:F1}, events {_events}, violations {_violations}"));
        return _violations > 0 || _isCutOff ? 1 : 0;
    }

    private void CutOff(PosixSignalContext context)
    {
        context.Cancel = true;
        lock (_lock)
        {
            _isCutOff = true;
            _next = command.To + 1;
            Console.Error.WriteLine("Told to end: the seeds under way are the last ones.");
        }
    }

    private void ShowProgress()
    {
        lock (_lock)
        {
            Console.Error.WriteLine($"{_seeds} of {command.To - command.From + 1} seeds, {_violations} violations");
        }
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
