using System.CommandLine;
using System.Globalization;
using GpuActors.Client;
using GpuActors.Shared.Api;
using GpuActors.Shared.Jobs;
using GpuActors.Shell.Commands;

namespace GpuActors.Shell.Sessions;

/// <summary>The options that say how much GPU a session gets, where, and for how long.</summary>
internal sealed class SessionOptions
{
    private const int MostSessions = 64;

    /// <summary>Several sessions that are waited for one by one could keep each other out for ever.</summary>
    private static readonly TimeSpan WaitForSeveral = TimeSpan.FromMinutes(5);

    private readonly Option<int> _count = NumberOption.Create(
        "--count", "So many GPUs: as many sessions, all of them or none.", 1, 1, MostSessions);

    private readonly Option<string?> _fraction = Text("--fraction", "PART", "A part of a GPU, such as 0.5.");
    private readonly Option<string?> _memory = Text("--memory", "SIZE", "As much memory of a GPU, such as 4GiB or 25%, and as much of its compute.");
    private readonly Option<string?> _profile = Text("--profile", "NAME", "A named slice, such as 3g.20gb.");
    private readonly Option<bool> _whole = new("--whole") { Description = "A whole GPU. This is the default." };
    private readonly Option<string[]> _model = new("--model")
    {
        Description = "Only GPUs of such a model, such as 'A100*'; more than once: one of them.", HelpName = "PATTERN",
    };

    private readonly Option<string?> _pool = Text("--pool", "NAME", "The pool to be placed in.");
    private readonly Option<string[]> _filter = new("--filter")
    {
        Description = "Only hosts with this label, such as rack=r1; more than once: all of them.", HelpName = "KEY=VALUE",
    };

    private readonly Option<int> _priority = NumberOption.Create(
        "--priority", "The higher goes first.", 0, -JobLimits.Priority, JobLimits.Priority);

    private readonly Option<string?> _queue = Text("--queue", "NAME", "The queue to charge it to. Default: that of the tenant.");
    private readonly Option<string?> _timeLimit = Text("--time-limit", "TIME", "How long it may run, such as 2h. Default: the cluster's longest.");
    private readonly Option<string?> _idleLimit = Text("--idle-limit", "TIME", "How long it goes on although no command comes. Default: 30m.");
    private readonly Option<string?> _id = Text("--id", "ID", "Its name. Default: a new one.");
    private readonly Option<string?> _wait = Text(
        "--wait", "TIME", "How long to wait for it, such as 10m. Default: as long as it takes; for several 5m.");

    public SessionOptions() => _count.Aliases.Add("-n");

    public Symbol[] All =>
    [
        _count, _fraction, _memory, _profile, _whole, _model, _pool, _filter, _priority, _queue, _timeLimit, _idleLimit,
        _id, _wait,
    ];

    /// <summary>The wait was named, so that also what is not there yet is waited for.</summary>
    public bool NamesWait(CommandCall call) => call.Parsed.GetValue(_wait) is not null;

    private TimeSpan WaitOf(CommandCall call) => Time(call, _wait)
        ?? (CountOf(call) > 1 ? WaitForSeveral : Timeout.InfiniteTimeSpan);

    /// <summary>What each session asks for.</summary>
    /// <exception cref="UsageException">An option is wrong.</exception>
    public JobDocument RequestOf(CommandCall call, TimeSpan? lease)
    {
        var document = new JobDocument
        {
            Id = call.Parsed.GetValue(_id) ?? SessionsClient.NewId(),
            Tenant = call.Tenant,
            Gpu = GpuOf(call),
            Placement = new JobPlacement(FiltersOf(call), []),
            Steps = [],
            Interactive = new InteractiveTerms(lease, Time(call, _idleLimit) ?? InteractiveTerms.DefaultIdleLimit),
            TimeLimit = Time(call, _timeLimit),
            Priority = call.Parsed.GetValue(_priority),
            Queue = call.Parsed.GetValue(_queue),
        };
        var check = document.Check();
        return check.Document ?? throw new UsageException(string.Join('\n', check.Problems));
    }

    /// <summary>Gets as many sessions as are asked for, within the time to wait for them.</summary>
    /// <exception cref="GpuActorsException">They are not to be had, or not in that time.</exception>
    /// <exception cref="IOException">A worker's gateway cannot be used.</exception>
    public async Task<IReadOnlyList<SessionStatus>> AcquireAsync(
        CommandCall call, SessionSet sessions, JobDocument request, bool hold, CancellationToken cancellationToken)
    {
        var wait = WaitOf(call);
        var count = CountOf(call);
        using var timeout = new CancellationTokenSource(wait, call.Environment.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            return await sessions.AcquireAsync(request, count, hold, either.Token);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new GpuActorsException(
                $"{(count == 1 ? "The GPU was" : "The GPUs were")} not to be had within {Amounts.FormatTime(wait)}.");
        }
    }

    private int CountOf(CommandCall call) => call.Parsed.GetValue(_count);

    private GpuRequest GpuOf(CommandCall call)
    {
        var parsed = call.Parsed;
        var gpu = new GpuRequest
        {
            Profile = parsed.GetValue(_profile),
            Pool = parsed.GetValue(_pool) ?? GpuRequest.DefaultPool,
            Model = parsed.GetValue(_model) is { Length: > 0 } models
                ? string.Join(GpuRequest.ModelSeparator, models)
                : GpuRequest.AnyModel,
        };
        var (fraction, memory) = (parsed.GetValue(_fraction), parsed.GetValue(_memory));
        string?[] sizes = [fraction, memory, gpu.Profile, parsed.GetValue(_whole) ? "whole" : null];
        if (sizes.Count(size => size is not null) > 1)
        {
            throw new UsageException("Of --fraction, --memory, --profile and --whole only one can be given.");
        }

        return fraction is not null ? gpu with { MemoryPercent = PercentOf(fraction) }
            : memory is not null ? WithMemory(gpu, memory)
            : gpu.Profile is not null ? gpu
            : gpu with { Whole = true };
    }

    private static double PercentOf(string fraction) =>
        double.TryParse(fraction, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var part) && part is > 0 and <= 1
            ? part * 100
            : throw new UsageException($"--fraction must be a number above 0 and at most 1; it is '{fraction}'.");

    private static GpuRequest WithMemory(GpuRequest gpu, string memory)
    {
        if (Amounts.TryPercent(memory, out var percent) && percent is > 0 and <= 100)
        {
            return gpu with { MemoryPercent = percent };
        }

        return Amounts.TrySize(memory, out var bytes, out var error) && error is null && bytes > 0
            ? gpu with { MemoryBytes = bytes }
            : throw new UsageException($"--memory must be a size such as 4GiB or a part such as 25%; it is '{memory}'.");
    }

    private JobPlacementTerm[] FiltersOf(CommandCall call) => call.Parsed.GetValue(_filter) is not { } filters ? [] :
    [
        .. filters.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(filter => Names.IsKeyAndValue(filter)
            ? new JobPlacementTerm(PlacementTermKind.Host, filter)
            : throw new UsageException($"--filter must be a label KEY=VALUE, such as rack=r1; it is '{filter}'.")),
    ];

    private static TimeSpan? Time(CommandCall call, Option<string?> option)
    {
        if (call.Parsed.GetValue(option) is not { } text)
        {
            return null;
        }

        return Amounts.TrySeconds(text, out var seconds) && seconds <= JobLimits.TimeLimit.TotalSeconds
            ? TimeSpan.FromSeconds(seconds)
            : throw new UsageException($"{option.Name} must be a time such as 90s, 10m or 2h, at most 7d; it is '{text}'.");
    }

    private static Option<string?> Text(string name, string value, string description) =>
        new(name) { Description = description, HelpName = value };
}
