using GpuActors.Actors.TestKit;
using GpuActors.Actors.TestKit.Simulation;
using GpuActors.Shared.Api;
using GpuActors.Shared.Messages;
using GpuActors.Simulation.Cluster;
using GpuActors.Simulation.Oracle;
using GpuActors.Worker.Actors;

namespace GpuActors.Simulation.Devices;

/// <summary>One attempt on simulated devices.</summary>
internal sealed class SimulatedExecutor(
    SimulatedProcess process,
    DeviceOracle oracle,
    SeededRandomSource random,
    WorkerHost worker,
    StartAttempt attempt,
    IAttemptObserver observer)
{
    private const int Steps = 4;
    private static readonly TimeSpan StartMax = TimeSpan.FromMilliseconds(30);
    private static readonly TimeSpan StopMax = TimeSpan.FromMilliseconds(50);

    private readonly TaskCompletionSource<AttemptOutcome> _outcome = new();
    private DeviceRun? _run;
    private ITimer? _next;
    private Action? _onEnd;
    private TimeSpan _step;
    private int _stepsDone;
    private int _failsAtStep = -1;
    private AttemptResult _failure;
    private bool _isStopping;

    public Task<AttemptOutcome> Start(Action onEnd, CancellationToken stop)
    {
        _onEnd = onEnd;
        _step = RunTime() / Steps;
        var fate = random.NextDouble();
        if (fate < 0.06)
        {
            _failsAtStep = random.Next(Steps);
            _failure = fate < 0.02 ? AttemptResult.Failed : AttemptResult.Refused;
        }

        Later(StartMax * random.NextDouble(), Begin);
        stop.UnsafeRegister(static executor => ((SimulatedExecutor)executor!).Stop(), this);
        return _outcome.Task;
    }

    /// <summary>Its process is gone, and nobody is told.</summary>
    public void Die()
    {
        _next?.Dispose();
        if (_run is not null)
        {
            oracle.End(_run, completed: false);
        }
    }

    private TimeSpan RunTime()
    {
        var longest = Math.Min(attempt.TimeLimit.TotalSeconds, random.Next(3) == 0 ? 60 : 15);
        var share = random.NextDouble();
        return TimeSpan.FromSeconds(0.002 + (longest * share * share));
    }

    private void Begin()
    {
        if (_isStopping)
        {
            return;
        }

        _run = oracle.Begin(worker, attempt);
        observer.Started();
        Later(_step, Step);
    }

    private void Step()
    {
        if (_stepsDone == _failsAtStep)
        {
            var error = new JobError { Kind = "simulated", Message = "The simulated executor failed." };
            End(new AttemptOutcome(_failure, error, [], "", _step * _stepsDone), completed: false);
            return;
        }

        _stepsDone++;
        observer.Progress(_stepsDone, Steps);
        if (_stepsDone == Steps)
        {
            End(new AttemptOutcome(AttemptResult.Completed, null, [], "", _step * Steps), completed: true);
        }
        else
        {
            Later(_step, Step);
        }
    }

    private void Stop()
    {
        if (!_isStopping && !_outcome.Task.IsCompleted)
        {
            _isStopping = true;
            var outcome = AttemptOutcomes.Refused("stopped", "The executor was killed.");
            Later(StopMax * random.NextDouble(), () => End(outcome, completed: false));
        }
    }

    private void End(AttemptOutcome outcome, bool completed)
    {
        if (_run is not null)
        {
            oracle.End(_run, completed);
        }

        _onEnd?.Invoke();
        _outcome.TrySetResult(outcome);
    }

    private void Later(TimeSpan delay, Action action)
    {
        _next?.Dispose();
        _next = process.Time.CreateTimer(
            static next => ((Action)next!)(), action, delay, Timeout.InfiniteTimeSpan);
    }
}
