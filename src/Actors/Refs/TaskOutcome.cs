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
}
