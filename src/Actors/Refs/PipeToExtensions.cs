namespace GpuActors.Actors;

/// <summary>Sends what a task ends with to an actor.</summary>
public static class PipeToExtensions
{
    /// <summary>
    /// Sends the result to <paramref name="recipient"/>; a failure as <see cref="Status.Failure"/>. The functions
    /// shape what is sent; they run where the task completed and must not touch an actor's state.
    /// </summary>
    public static Task PipeTo<T>(this Task<T> task, ICanTell recipient, IActorRef? sender = null,
        Func<T, object>? success = null, Func<Exception, object>? failure = null)
    {
        sender ??= ActorCell.Current;
        return task.ContinueWith(
            done => recipient.Tell(ToMessage(done, success, failure), sender),
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <summary>Sends what <paramref name="success"/> makes; without it, success sends nothing.</summary>
    public static Task PipeTo(this Task task, ICanTell recipient, IActorRef? sender = null,
        Func<object>? success = null, Func<Exception, object>? failure = null)
    {
        sender ??= ActorCell.Current;
        return task.ContinueWith(
            done =>
            {
                if (done.Failure() is { } cause)
                {
                    recipient.Tell(failure?.Invoke(cause) ?? new Status.Failure(cause), sender);
                }
                else if (success is not null)
                {
                    recipient.Tell(success(), sender);
                }
            },
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private static object ToMessage<T>(Task<T> done, Func<T, object>? success, Func<Exception, object>? failure)
    {
        if (done.Failure() is { } cause)
        {
            return failure?.Invoke(cause) ?? new Status.Failure(cause);
        }

        var result = done.ResultOrThrow();
        return success?.Invoke(result) ?? (object?)result ?? new Status.Success(null);
    }
}
