using GpuActors.Actors;
using GpuActors.Shared.Messages;

namespace GpuActors.Worker.Actors;

/// <summary>
/// One device. It keeps the epoch of each slice: an attempt with an older one is refused, also one that has run here
/// and was forgotten; one with a newer epoch begins only when the older attempt on that slice has ended.
/// </summary>
public sealed class DeviceActor : ReceiveActor
{
    private readonly Func<StartAttempt, Props> _executorProps;
    private readonly Dictionary<string, SliceHolder> _slices = new(StringComparer.Ordinal);
    private readonly Dictionary<HeldAttempt, IActorRef> _executors = [];
    private readonly Dictionary<HeldAttempt, List<StartAttempt>> _waiting = [];

    /// <summary>A device whose attempts are run by the actors that <paramref name="executorProps"/> makes.</summary>
    public DeviceActor(Func<StartAttempt, Props> executorProps)
    {
        _executorProps = executorProps;
        Receive<StartAttempt>(OnStart);
        Receive<StopAttempt>(stop => TellExecutor(stop.Session, stop.Epoch, stop));
        Receive<AttemptEndedAck>(ack => TellExecutor(ack.Session, ack.Epoch, ack));
        Receive<EndAttempts>(OnEndAttempts);
        Receive<SchedulerFound>(TellAll);
        Receive<SlicesFree>(OnSlicesFree);
        Receive<Terminated>(OnExecutorGone);
        Receive<ToSessions>(Context.Parent.Forward);
    }

    /// <summary>An executor that fails here is a fault of ours: it is not restarted with half its state lost.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    private void OnStart(StartAttempt start)
    {
        var attempt = new HeldAttempt(start.Session, start.Epoch);
        if (_executors.TryGetValue(attempt, out var known))
        {
            known.Tell(start, Sender);
            return;
        }

        foreach (var slice in start.Slices)
        {
            if (_slices.TryGetValue(slice.Name, out var holder) && holder.Attempt.Epoch >= start.Epoch)
            {
                var message = $"Slice {slice.Name} has epoch {holder.Attempt.Epoch}; epoch {start.Epoch} is over.";
                var outcome = AttemptOutcomes.Refused("olderEpoch", message);
                Context.Parent.Tell(new ToSessions(new AttemptEnded(start.Session, start.Epoch, outcome)), Self);
                Context.Parent.Tell(new AttemptForgotten(attempt), Self);
                return;
            }
        }

        if (Blocker(start) is { } blocker)
        {
            Wait(blocker, start);
            return;
        }

        Begin(attempt, start);
    }

    private void Begin(HeldAttempt attempt, StartAttempt start)
    {
        foreach (var slice in start.Slices)
        {
            _slices[slice.Name] = new SliceHolder(attempt, Free: false);
        }

        var executor = Context.ActorOf(_executorProps(start));
        _executors[attempt] = Context.Watch(executor);
    }

    /// <summary>An older attempt that still runs on one of the slices; it is told to stop.</summary>
    private HeldAttempt? Blocker(StartAttempt start)
    {
        foreach (var slice in start.Slices)
        {
            if (_slices.TryGetValue(slice.Name, out var holder) && !holder.Free && _executors.ContainsKey(holder.Attempt))
            {
                TellExecutor(holder.Attempt.Session, holder.Attempt.Epoch, new StopAttempt(
                    slice.Host, holder.Attempt.Session, holder.Attempt.Epoch, "Its slice was given to a newer attempt."));
                return holder.Attempt;
            }
        }

        return null;
    }

    private void Wait(HeldAttempt blocker, StartAttempt start)
    {
        if (!_waiting.TryGetValue(blocker, out var starts))
        {
            _waiting[blocker] = starts = [];
        }

        if (!starts.Exists(s => s.Session == start.Session && s.Epoch == start.Epoch))
        {
            starts.Add(start);
        }
    }

    private void OnSlicesFree(SlicesFree free)
    {
        foreach (var (name, holder) in _slices.Where(s => s.Value.Attempt == free.Attempt).ToArray())
        {
            _slices[name] = holder with { Free = true };
        }

        Context.Parent.Tell(free, Self);

        if (_waiting.Remove(free.Attempt, out var starts))
        {
            starts.ForEach(OnStart);
        }
    }

    private void OnExecutorGone(Terminated terminated)
    {
        var attempt = _executors.FirstOrDefault(e => e.Value.Equals(terminated.ActorRef)).Key;
        if (attempt is not null)
        {
            _executors.Remove(attempt);
            OnSlicesFree(new SlicesFree(attempt));
            Context.Parent.Tell(new AttemptForgotten(attempt), Self);
        }
    }

    /// <summary>What waits for a slice does not begin any more; whoever still wants it sends it again.</summary>
    private void OnEndAttempts(EndAttempts end)
    {
        foreach (var start in _waiting.Values.SelectMany(starts => starts))
        {
            Context.Parent.Tell(new AttemptForgotten(new HeldAttempt(start.Session, start.Epoch)), Self);
        }

        _waiting.Clear();
        TellAll(end);
    }

    private void TellExecutor(string session, long epoch, object message)
    {
        if (_executors.TryGetValue(new HeldAttempt(session, epoch), out var executor))
        {
            executor.Tell(message, Self);
        }
    }

    private void TellAll(object message)
    {
        foreach (var executor in _executors.Values)
        {
            executor.Tell(message, Self);
        }
    }

    private sealed record SliceHolder(HeldAttempt Attempt, bool Free);
}

/// <summary>An attempt's executor has ended: its slices may be used, though its end is not acknowledged yet.</summary>
internal sealed record SlicesFree(HeldAttempt Attempt);
