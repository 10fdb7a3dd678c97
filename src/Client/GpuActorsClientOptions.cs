using GpuActors.Shared.Configuration.Settings;

namespace GpuActors.Client;

/// <summary>How a <see cref="GpuActorsClient"/> reaches the cluster.</summary>
public sealed record GpuActorsClientOptions
{
    /// <summary>Addresses of schedulers, such as <c>http://gpu-head:4780</c>; tried in turn. At least one.</summary>
    public required IReadOnlyList<Uri> Servers { get; init; }

    /// <summary>The ticket; <c>pbm ticket create</c> makes one.</summary>
    public required string Ticket { get; init; }

    /// <summary>The tenant to act for, for operators; null: the ticket's.</summary>
    public string? Tenant { get; init; }

    /// <summary>How long one request may take, beside the time that it asks to wait or that its body needs.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often a request is tried before it fails; at least 1.</summary>
    public int Attempts { get; init; } = 8;

    /// <summary>The wait after all servers failed once; doubled each time, with jitter.</summary>
    public TimeSpan RetryDelayMin { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest wait between tries.</summary>
    public TimeSpan RetryDelayMax { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long one query for a job's end waits at the server before it is asked again.</summary>
    public TimeSpan LongPoll { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a stream may be silent before it counts as broken. Servers send something every 15 s.</summary>
    public TimeSpan SilenceTimeout { get; init; } = TimeSpan.FromSeconds(45);

    /// <summary>Clock and timers.</summary>
#pragma warning disable RS0030 // The client is the edge: its callers have no actor runtime.
    public TimeProvider Time { get; init; } = TimeProvider.System;
#pragma warning restore RS0030

    /// <summary>Sends the requests in place of the client's own handler; not disposed by the client.</summary>
    public HttpMessageHandler? Handler { get; init; }

    /// <summary>The options that <c>gpuactors.client</c> says.</summary>
    /// <exception cref="ArgumentException">No ticket is configured.</exception>
    public static GpuActorsClientOptions From(ClientSettings settings) => new()
    {
        Servers = settings.Servers,
        Ticket = settings.Ticket ?? throw new ArgumentException(
            "gpuactors.client.ticket is not set; 'pbm ticket create' makes a ticket.", nameof(settings)),
        RequestTimeout = settings.RequestTimeout,
        Attempts = settings.Attempts,
        RetryDelayMin = settings.RetryDelayMin,
        RetryDelayMax = settings.RetryDelayMax,
    };

    internal void Validate()
    {
        if (Servers.Count == 0 || !Servers.All(s => s is { IsAbsoluteUri: true, Scheme: "http" or "https" }))
        {
            throw new ArgumentException("Servers must have at least one address such as http://gpu-head:4780.");
        }

        ArgumentException.ThrowIfNullOrWhiteSpace(Ticket);
        ArgumentOutOfRangeException.ThrowIfLessThan(Attempts, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(RequestTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(RetryDelayMin, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(RetryDelayMax, RetryDelayMin);
        ArgumentOutOfRangeException.ThrowIfLessThan(LongPoll, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(SilenceTimeout, TimeSpan.Zero);
    }
}
