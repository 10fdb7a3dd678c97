using System.CommandLine;
using GpuActors.Shell.Top;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace GpuActors.Shell.Commands;

/// <summary><c>pbm gpu top</c>: what slices use, look after look.</summary>
internal static class GpuTopCommand
{
    /// <summary>A worker reports each second, so after so many looks there are rates where there can be any.</summary>
    private const int LooksForRates = 4;

    private static readonly TimeSpan KeyInterval = TimeSpan.FromMilliseconds(100);

    public static void AddTo(CommandTree tree, Command gpu)
    {
        var interval = NumberOption.Create("--interval", "Seconds between two looks; default 1.", 1, 1, 3_600);
        var once = new Option<bool>("--once") { Description = "End as soon as there are rates." };
        var host = new Option<string?>("--host") { Description = "Only the GPUs of this host.", HelpName = "NAME" };
        tree.Add(
            gpu,
            "top",
            "Show what slices use until q or Ctrl-C: busy, throttled, memory, kernels, bytes.",
            call => RunAsync(call, new Request(
                TimeSpan.FromSeconds(call.Parsed.GetValue(interval)),
                call.Parsed.GetValue(once),
                call.Parsed.GetValue(host))),
            interval,
            once,
            host);
    }

    private static async Task<int> RunAsync(CommandCall call, Request request)
    {
        var history = new UsageHistory();
        if (request.Once)
        {
            Write(call, await LookForRatesAsync(call, request, history));
        }
        else if (call.Results.Drawn)
        {
            await DrawAsync(call, request, history);
        }
        else
        {
            do
            {
                Write(call, await LookAsync(call, request, history));
            }
            while (!await EndsWithinAsync(call, request.Interval));
        }

        return ExitCodes.Ok;
    }

    private static async Task<IReadOnlyList<GpuRows>> LookAsync(CommandCall call, Request request, UsageHistory history)
    {
        var gpus = call.Client.Cluster.ListGpusAsync(call.CancellationToken);
        var usage = await call.Client.Cluster.ListUsageAsync(request.Host, call.CancellationToken);
        return history.Add([.. (await gpus).Where(gpu => request.Host is null || gpu.Host == request.Host)], usage);
    }

    private static async Task<IReadOnlyList<GpuRows>> LookForRatesAsync(
        CommandCall call, Request request, UsageHistory history)
    {
        for (var looks = 1; ; looks++)
        {
            var rows = await LookAsync(call, request, history);
            if (looks == LooksForRates || rows.SelectMany(gpu => gpu.Slices).All(row => row.Rates is not null))
            {
                return rows;
            }

            await Task.Delay(request.Interval, call.Environment.Time, call.CancellationToken);
        }
    }

    private static void Write(CommandCall call, IReadOnlyList<GpuRows> rows)
    {
        if (call.Results.Json)
        {
            call.Results.WriteLine(TopJson.Of(call.Environment.Time.GetUtcNow(), rows).ToJsonString());
        }
        else if (call.Results.Drawn)
        {
            call.Environment.Drawing.Write(TopView.Of(rows, live: false));
        }
        else
        {
            call.Results.WriteTable(TopTable.Of(rows), "");
        }
    }

    private static async Task DrawAsync(CommandCall call, Request request, UsageHistory history)
    {
        IRenderable first = TopView.Of(await LookAsync(call, request, history), live: true);
        await call.Environment.Drawing.Live(first).Overflow(VerticalOverflow.Ellipsis).StartAsync(async live =>
        {
            live.Refresh();
            while (!await EndsWithinAsync(call, request.Interval))
            {
                live.UpdateTarget(TopView.Of(await LookAsync(call, request, history), live: true));
            }
        });
    }

    /// <summary>Waits; true as soon as q is pressed.</summary>
    private static async Task<bool> EndsWithinAsync(CommandCall call, TimeSpan interval)
    {
        var time = call.Environment.Time;
        var begunAt = time.GetTimestamp();
        while (interval - time.GetElapsedTime(begunAt) is { Ticks: > 0 } left)
        {
            if (call.Results.Drawn && call.Environment.InIsTerminal && QuitPressed(call.Environment.Drawing.Input))
            {
                return true;
            }

            await Task.Delay(left < KeyInterval ? left : KeyInterval, time, call.CancellationToken);
        }

        return false;
    }

    private static bool QuitPressed(IAnsiConsoleInput input)
    {
        while (input.IsKeyAvailable())
        {
            if (input.ReadKey(intercept: true) is { Key: ConsoleKey.Q })
            {
                return true;
            }
        }

        return false;
    }

    private sealed record Request(TimeSpan Interval, bool Once, string? Host);
}
