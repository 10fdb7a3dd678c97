using GpuActors.Shared.Commands;
using GpuActors.Shared.Jobs;

namespace GpuActors.Worker.Jobs;

/// <summary>Ends a run with a failure that is the job's own.</summary>
internal sealed class JobFailureException(JobFailure failure) : Exception(failure.Message)
{
    public JobFailureException(string kind, JsonPointer place, string message)
        : this(new JobFailure(kind, message, place.ToString()))
    {
    }

    public JobFailure Failure => failure;

    /// <summary>What the executor said about the command that stands for a place.</summary>
    public static JobFailure Of(int code, string text, JsonPointer? place)
    {
        var kind = code switch
        {
            OpenClErrors.ExecutorLost => JobFailureKinds.ExecutorLost,
            // A size that no slice could have was refused before; what is left is one that this slice cannot.
            OpenClErrors.InvalidBufferSize or OpenClErrors.MemObjectAllocationFailure or
                OpenClErrors.OutOfHostMemory => JobFailureKinds.OutOfMemory,
            _ => JobFailureKinds.OpenCl,
        };
        return new JobFailure(kind, $"{OpenClErrors.Name(code)}: {text}", place?.ToString());
    }
}
