using System.Runtime.ExceptionServices;

namespace GpuActors.Actors;

/// <summary>What a completed task ended with.</summary>
internal static class TaskOutcome
{
    /// <summary>Why it failed or was cancelled; null when it succeeded.</summary>
    public static Exception? Failure(this Task completed) => completed switch
    {
        { IsFaulted: true } => completed.Exception!.InnerExceptions is [var only] ? only : completed.Exception,
        { IsCanceled: true } => new TaskCanceledException(completed),
        _ => null,
    };

    public static void ThrowIfFailed(this Task completed)
    {
        if (completed.Failure() is { } failure)
        {
            ExceptionDispatchInfo.Throw(failure);
        }
    }

    /// <summary>The result of a completed task, or its exception.</summary>
    public static T ResultOrThrow<T>(this Task<T> completed)
    {
        completed.ThrowIfFailed();
#pragma warning disable VSTHRD002 // the task has completed, so this does not wait
        return completed.GetAwaiter().GetResult();
#pragma warning restore VSTHRD002
    }

    /// <summary>
    /// Goes on where the task completes. Unlike <c>await</c> this neither comes back to a caller's context, which a
    /// test may be blocking, nor leaves a simulation for the thread pool.
    /// </summary>
    public static Task<TResult> Then<T, TResult>(this Task<T> task, Func<Task<T>, TResult> next) => task.ContinueWith(
        next, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
}
