using System.Text.Json;
using GpuActors.Node.Logging;
using GpuActors.Shared.Api;
using GpuActors.Shared.Security;

namespace GpuActors.Scheduler.Api;

/// <summary>The newest log entries of this node, and what it logs. For operators.</summary>
/// <param name="log">The node's log; null if it keeps none.</param>
public sealed class LogEndpoints(NodeLog? log)
{
    private const int MaxBodyBytes = 64 << 10;

    /// <summary>Adds the routes.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(ApiRoutes.Log, (Delegate)Read)
            .WithSummary("The newest log entries (?after=&level=&limit=).").Produces<LogPage>();
        routes.MapGet(ApiRoutes.LogLevels, (Delegate)Levels)
            .WithSummary("From which level on what is logged.").Produces<LogLevelList>();
        routes.MapPut(ApiRoutes.LogLevels, (Delegate)SetLevelAsync)
            .WithSummary("Sets the level of the categories that begin with a text.")
            .Accepts<LogLevelSetting>("application/json").Produces<LogLevelList>().ProducesProblem(400);
    }

    private IResult Read(HttpContext context)
    {
        var recent = Log(context).Recent;
        var least = QueryReader.Choice<LogSeverity>(context.Request, "level") ?? LogSeverity.Trace;
        var limit = QueryReader.Number(context.Request, "limit", 100, 1, RecentLog.Capacity);
        var entries = recent.Read(QueryReader.Position(context.Request, "after"), (LogLevel)least, limit);
        return Results.Json(
            new LogPage { Entries = [.. entries.Select(Described)] }, ApiJsonContext.Default.LogPage);
    }

    private IResult Levels(HttpContext context) => Results.Json(
        new LogLevelList
        {
            Levels =
            [
                .. Log(context).Levels.Current
                    .OrderBy(level => level.Key, StringComparer.Ordinal)
                    .Select(level => new LogLevelSetting { Category = level.Key, Severity = (LogSeverity)level.Value }),
            ],
        },
        ApiJsonContext.Default.LogLevelList);

    private async Task<IResult> SetLevelAsync(HttpContext context)
    {
        var levels = Log(context).Levels;
        var setting = Parse(await BodyReader.ReadAsync(context, MaxBodyBytes));
        if (setting.Category.Length > 200)
        {
            throw ApiProblemException.InvalidRequest("/category", "may have at most 200 characters.");
        }

        try
        {
            levels.Set(setting.Category, (LogLevel)setting.Severity);
        }
        catch (InvalidOperationException full)
        {
            throw ApiProblemException.InvalidRequest("/category", full.Message);
        }

        return Levels(context);
    }

    private NodeLog Log(HttpContext context)
    {
        Caller.Of(context).Require(TicketRole.Operator);
        return log ?? throw ApiProblemException.NotFound("This node keeps no log; read where its output goes.");
    }

    private static LogLevelSetting Parse(byte[] body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, ApiJsonContext.Default.LogLevelSetting)
                ?? throw ApiProblemException.InvalidRequest("/", "must be an object such as {\"severity\": \"debug\"}.");
        }
        catch (JsonException)
        {
            var allowed = string.Join(", ", Enum.GetNames<LogSeverity>().Select(name => name.ToLowerInvariant()));
            throw ApiProblemException.InvalidRequest(
                "/severity", $"the body must be an object with category (a text) and severity: one of {allowed}.");
        }
    }

    private static LogEntry Described(RecentLogEntry entry) => new()
    {
        Sequence = entry.Sequence,
        At = entry.At,
        Severity = (LogSeverity)entry.Level,
        Category = entry.Category,
        Message = entry.Message,
        Exception = entry.Exception,
    };
}
