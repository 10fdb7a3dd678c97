using System.Threading.RateLimiting;
using GpuActors.Shared.Configuration.Settings;
using GpuActors.Shared.Security;
using Microsoft.AspNetCore.RateLimiting;

namespace GpuActors.Scheduler.Api;

/// <summary>
/// <c>api.rate-limit</c>: one bucket of tokens for each tenant, filled evenly. Workers have none, because they fetch
/// and store for all tenants; neither has who shows no ticket, because nothing is done for them.
/// </summary>
internal static class RequestLimits
{
    /// <summary>Often enough that a tenant at its limit gets on smoothly.</summary>
    private const int FillsPerSecond = 10;

    private static readonly TimeSpan RetryAfterUnknown = TimeSpan.FromSeconds(1);

    /// <summary>Adds the limiter that <c>UseRateLimiter</c> asks.</summary>
    public static void Add(IServiceCollection services, HttpApiSettings settings) =>
        services.AddRateLimiter(limiter =>
        {
            if (settings.RequestsPerSecond is { } rate)
            {
                var bucket = Bucket(rate, settings.RequestBurst);
                limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(
                    context => Partition(context, bucket), StringComparer.Ordinal);
            }

            limiter.OnRejected = (rejected, _) => throw Rejection(rejected, settings);
        });

    private static RateLimitPartition<string> Partition(HttpContext context, TokenBucketRateLimiterOptions bucket) =>
        context.Features.Get<Caller>() is { Role: not TicketRole.Worker } caller
            ? RateLimitPartition.GetTokenBucketLimiter(caller.Tenant, _ => bucket)
            : RateLimitPartition.GetNoLimiter("");

    private static TokenBucketRateLimiterOptions Bucket(int requestsPerSecond, int burst)
    {
        var tokens = Math.Max(1, requestsPerSecond / FillsPerSecond);
        return new TokenBucketRateLimiterOptions
        {
            TokenLimit = burst,
            TokensPerPeriod = tokens,
            ReplenishmentPeriod = TimeSpan.FromSeconds((double)tokens / requestsPerSecond),
            QueueLimit = 0,
        };
    }

    private static ApiProblemException Rejection(OnRejectedContext rejected, HttpApiSettings settings)
    {
        var wait = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var known) ? known : RetryAfterUnknown;
        return ApiProblemException.TooMany(
            $"Tenant '{Caller.Of(rejected.HttpContext).Tenant}' may send {settings.RequestsPerSecond} requests a second, "
                + $"and {settings.RequestBurst} at once.",
            wait);
    }
}
