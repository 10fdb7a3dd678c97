using GpuActors.Actors;
using GpuActors.Actors.Cluster.Sharding;
using GpuActors.Scheduler.Blobs;
using GpuActors.Scheduler.Queueing;
using GpuActors.Scheduler.Sessions;
using GpuActors.Shared.Api;
using GpuActors.Shared.Configuration.Settings;
using GpuActors.Shared.Jobs;
using GpuActors.Shared.Security;

namespace GpuActors.Scheduler.Api;

/// <summary>
/// What a right document must fulfil beside, to be accepted by this scheduler: whose it is, what the settings allow,
/// what is there, and that there is room for one more. Refusals name the field.
/// </summary>
/// <param name="regions">The sessions, and how many wait.</param>
/// <param name="blobs">Inputs.</param>
/// <param name="settings">What is allowed.</param>
public sealed class Admission(SchedulerRegions regions, BlobStore blobs, SchedulerSettings settings)
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RetryWhenFull = TimeSpan.FromSeconds(5);

    /// <summary>The tenant whose job it is.</summary>
    /// <exception cref="ApiProblemException">It is not for this caller, or not for this scheduler.</exception>
    public async Task<string> CheckAsync(Caller caller, JobDocument document, CancellationToken cancellationToken)
    {
        var errors = new List<FieldError>();
        if (document.Tenant is { } named && named != caller.Tenant && caller.Role != TicketRole.Operator)
        {
            errors.Add(new FieldError("/tenant", $"must be '{caller.Tenant}', the tenant of the ticket, or be left out."));
            throw ApiProblemException.InvalidDocument(errors);
        }

        var tenant = document.Tenant ?? caller.Tenant;
        if (document.TimeLimit > settings.Session.MaxTimeLimit)
        {
            var longest = Amounts.FormatTime(settings.Session.MaxTimeLimit);
            errors.Add(new FieldError("/timeLimit", $"must be at most {longest}, the longest that this cluster allows."));
        }

        errors.AddRange(QueueRules.Check(document, tenant, settings.Queues));
        errors.AddRange(GpuRules.Check(document.Gpu, settings.Models, settings.MaxVgpusPerSession));

        await CheckBlobsAsync(tenant, document, errors, cancellationToken);
        return errors.Count == 0 ? tenant : throw ApiProblemException.InvalidDocument(errors);
    }

    /// <summary>Refuses a new job while too many wait; one that is there already may be submitted again.</summary>
    public async Task RequireRoomAsync(
        string session, string tenant, JobDocument document, CancellationToken cancellationToken)
    {
        var queue = document.Queue ?? settings.Queues.QueueOf(tenant);
        var isFull = regions.Waiting.Count >= settings.MaxWaiting;
        var limit = settings.Queues.Find(queue)?.MaxWaiting ?? int.MaxValue;
        if (!isFull && (limit == int.MaxValue || await CountWaitingAsync(document, queue, tenant, cancellationToken) < limit))
        {
            return;
        }

        var known = await regions.Sessions.Ask<object>(new GetJob(session), AnswerTimeout, cancellationToken);
        if (known is NoSuchJob)
        {
            throw ApiProblemException.TooMany(
                isFull
                    ? $"{settings.MaxWaiting} jobs wait for a GPU, as many as may; the job was not accepted."
                    : $"{limit} jobs of tenant '{tenant}' wait in queue '{queue}', as many as may; the job was not accepted.",
                RetryWhenFull);
        }
    }

    private async Task<int> CountWaitingAsync(
        JobDocument document, string queue, string tenant, CancellationToken cancellationToken)
    {
        try
        {
            return (await regions.Queues.Ask<WaitingCount>(
                new ShardingEnvelope(document.Gpu.Pool, new CountWaiting(queue, tenant)), AnswerTimeout, cancellationToken))
                .Waiting;
        }
        catch (AskTimeoutException)
        {
            throw ApiProblemException.Unavailable("The queue did not answer in time; try again.");
        }
    }

    private async Task CheckBlobsAsync(
        string tenant, JobDocument document, List<FieldError> errors, CancellationToken cancellationToken)
    {
        foreach (var (name, input) in document.Inputs)
        {
            if (input is BlobInput blob && !await blobs.ContainsAsync(tenant, blob.Sha256, cancellationToken))
            {
                var message = $"there is no blob {blob.Sha256} of tenant '{tenant}'; upload it first (PUT /v1/blobs/…).";
                errors.Add(new FieldError($"/inputs/{name}/blob", message));
            }
        }
    }
}
