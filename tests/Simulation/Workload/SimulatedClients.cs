using System.Globalization;
using GpuActors.Actors.TestKit;
using GpuActors.Actors.TestKit.Simulation;
using GpuActors.Scheduler.Placement;
using GpuActors.Scheduler.Sessions;
using GpuActors.Shared.Api;
using GpuActors.Shared.Devices;
using GpuActors.Simulation.Cluster;
using GpuActors.Simulation.Devices;

namespace GpuActors.Simulation.Workload;

/// <summary>
/// Clients of the cluster: they submit jobs, some twice and all again when no answer comes, cancel some, and ask how
/// their jobs are. What they are told must agree with the journal, and an end that was told never changes.
/// </summary>
internal sealed class SimulatedClients
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(11);
    private const int OpenMax = 30;
    private static readonly TimeSpan TravelMax = TimeSpan.FromMilliseconds(20);

    private readonly SimulatedCluster _cluster;
    private readonly SimulatedWorld _world;
    private readonly SeededRandomSource _random;
    private readonly TimeSpan _end;
    private readonly TimeSpan _pauseMax;
    private readonly List<SimulatedJob> _jobs = [];

    public SimulatedClients(SimulatedCluster cluster, TimeSpan end)
    {
        (_cluster, _world, _end) = (cluster, cluster.World, end);
        _random = _world.NewRandom();
        _pauseMax = TimeSpan.FromSeconds(1 + (5 * _random.NextDouble()));
    }

    public IReadOnlyList<SimulatedJob> Jobs => _jobs;

    /// <summary>Begins.</summary>
    public void Start()
    {
        _world.After(TimeSpan.FromSeconds(_random.NextDouble()), Next);
        _world.After(ModePause(), SetModes);
    }

    /// <summary>An operator sets modes of GPUs, as far as they are empty, and sets them back.</summary>
    private void SetModes()
    {
        if (_world.Now >= _end)
        {
            return;
        }

        var worker = _cluster.Workers[_random.Next(_cluster.Workers.Count)];
        var gpu = worker.Gpus[_random.Next(worker.Gpus.Length)];
        var modes = SimulatedGpus.ModesOf(gpu);
        GpuMode? mode = _random.Next(2) == 0 ? null : modes[_random.Next(modes.Count)];
        var scheduler = _cluster.Schedulers[_random.Next(_cluster.Schedulers.Count)];
        scheduler.AskCell<GpuModeAnswer>(new SetGpuMode(worker.Name, gpu.Index, mode, "op"), answer =>
        {
            _world.Trace.Add("operator", $"{worker.Name}/{gpu.Index} {mode}: {answer.Result}");
            if (answer is { Result: GpuModeResult.Set } && answer.Device!.Setting != mode)
            {
                _cluster.Verdict.Broken("a mode that was set is told", $"{worker.Name}/{gpu.Index}: {answer.Device.Setting}");
            }
        });
        _world.After(ModePause(), SetModes);
    }

    private TimeSpan ModePause() => TimeSpan.FromSeconds(2 + (20 * _random.NextDouble()));

    /// <summary>Asks how a job is; false if nobody can be asked now.</summary>
    public void Ask(SimulatedJob job)
    {
        var before = (job.IsAcknowledged, job.ToldEnd); // answers may overtake each other
        object question = job.IsInteractive && _random.Next(2) == 0 ? new GetSession(job.Session) : new GetJob(job.Session);
        Send<object>(question, answer => OnStatus(job, answer, before));
    }

    private void Next()
    {
        if (_world.Now >= _end)
        {
            return;
        }

        if (_jobs.Count(job => !job.IsImpossible && IsOpen(job)) > OpenMax)
        {
            _world.After(_pauseMax, Next); // more that waits would show nothing new
            return;
        }

        var burst = _random.Next(12) == 0 ? 2 + _random.Next(15) : 1;
        for (var i = 0; i < burst; i++)
        {
            var job = new SimulatedJob(string.Create(CultureInfo.InvariantCulture, $"j{_jobs.Count + 1}"), _random);
            _jobs.Add(job);
            Submit(job);
            if (_random.Next(10) == 0)
            {
                Submit(job);
            }

            if (_random.Next(6) == 0)
            {
                var longest = _random.Next(2) == 0 ? 2 : 20;
                _world.After(TimeSpan.FromSeconds(longest * _random.NextDouble()), () => Cancel(job));
            }
        }

        _world.After(_random.NextDouble() * _pauseMax, Next);
    }

    private bool IsOpen(SimulatedJob job) => _cluster.Journal.Find(job.Session) is not { End: not null };

    private void Submit(SimulatedJob job)
    {
        var submit = new SubmitJob(job.Session, SimulatedJob.Tenant, job.Json).With(job.Document);
        Send<JobSubmitted>(submit, answer => OnSubmitted(job, answer));
        _world.After(AnswerTimeout, () =>
        {
            if (!job.IsAcknowledged)
            {
                Submit(job);
            }
        });
    }

    private void OnSubmitted(SimulatedJob job, JobSubmitted answer)
    {
        _world.Trace.Add("client", $"{job.Id} {answer.Result}");
        if (answer.Result == SubmitResult.Conflict)
        {
            _cluster.Verdict.Broken("the same job again is the same job", job.Session);
        }

        if (_cluster.Journal.Find(job.Session) is null)
        {
            _cluster.Verdict.Broken("an accepted job is in the journal", job.Session);
        }

        if (!job.IsAcknowledged)
        {
            job.IsAcknowledged = true;
            AskLater(job);
        }

        OnStatus(job, answer.Status, default);
    }

    private void Cancel(SimulatedJob job)
    {
        object question = job.IsInteractive && _random.Next(4) > 0
            ? new EndSession(job.Session, "Enough.")
            : new CancelJob(job.Session, "Enough.");
        Send<object>(question, answer =>
        {
            _world.Trace.Add("client", $"{job.Id} cancel: {Find(job, answer)?.State.ToString() ?? "none"}");
            OnStatus(job, answer, default);
        });
    }

    /// <summary>State and reason that an answer tells; null if it is none.</summary>
    private (JobState State, string? Reason)? Find(SimulatedJob job, object answer)
    {
        if (answer is not SessionFound found)
        {
            return answer is JobStatus status ? (status.State, status.Reason) : null;
        }

        if (found.Status.State == JobState.Running && _cluster.Journal.Find(job.Session) is not { IsStarted: true })
        {
            _cluster.Verdict.Broken("a client is told to come only when that is durable", job.Session);
        }

        return (found.Status.State, found.Status.Reason);
    }

    private void AskLater(SimulatedJob job) => _world.After(AskPause(job), () =>
    {
        if (_world.Now < _end)
        {
            Ask(job);
            AskLater(job);
        }
    });

    // An end must stay the same, but need not be asked for as often.
    private TimeSpan AskPause(SimulatedJob job) =>
        (job.ToldEnd is null ? 1 : 4) * TimeSpan.FromSeconds(5 + (40 * _random.NextDouble()));

    private void OnStatus(SimulatedJob job, object answer, (bool IsAcknowledged, JobState? End) told)
    {
        if (Find(job, answer) is not var (state, reason))
        {
            if (told.IsAcknowledged)
            {
                _cluster.Verdict.Broken("an accepted job stays known", $"{job.Session}: {answer.GetType().Name}");
            }

            return;
        }

        job.Reason = reason;
        JobState? end = state.IsTerminal() ? state : null;
        if (told.End is not null && end != told.End)
        {
            _cluster.Verdict.Broken("an end that was told never changes", $"{job.Session}: {told.End}, then {state}");
        }

        job.ToldEnd ??= end;
        if (end is not null && _cluster.Journal.Find(job.Session)?.End is null)
        {
            _cluster.Verdict.Broken("an end is told only when it is durable", $"{job.Session}: {end}");
        }
    }

    private void Send<T>(object question, Action<T> answered)
    {
        var scheduler = _cluster.Schedulers[_random.Next(_cluster.Schedulers.Count)];
        _world.After(Travel(), () => scheduler.Ask<T>(question, answer =>
        {
            if (_random.Next(50) > 0 || _world.Now >= _end) // otherwise the answer is lost on its way
            {
                _world.After(Travel(), () => answered(answer));
            }
        }));
    }

    private TimeSpan Travel() => TravelMax * _random.NextDouble();
}
