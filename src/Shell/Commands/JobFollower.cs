using GpuActors.Shared.Api;
using GpuActors.Shell.Output;
using Spectre.Console;

namespace GpuActors.Shell.Commands;

/// <summary>Stays with a job until it has ended: a live line on a terminal, plain lines otherwise.</summary>
internal static class JobFollower
{
    /// <summary>Follows the job, writes how it ended, and gives the exit code for that.</summary>
    public static async Task<int> FollowToEndAsync(CommandCall call, string id)
    {
        if (!call.Results.Json)
        {
            await (call.Results.Drawn ? FollowDrawnAsync(call, id) : FollowPlainAsync(call, id));
        }

        var status = await call.Client.Jobs.WaitAsync(id, call.CancellationToken);
        JobDetails.Write(call, status);
        return status.State == JobState.Completed ? ExitCodes.Ok : ExitCodes.Failed;
    }

    private static async Task FollowPlainAsync(CommandCall call, string id)
    {
        int tenthShown = -1;
        await foreach (var happened in call.Client.Jobs.EventsAsync(id, 0, call.CancellationToken))
        {
            if (happened is JobProgressEvent { Progress: { StepsTotal: > 0 } progress })
            {
                int tenth = (int)(10 * progress.StepsDone / progress.StepsTotal);
                if (tenth == tenthShown)
                {
                    continue;
                }

                tenthShown = tenth;
            }

            call.Results.WriteLine(EventLine.ToText(happened));
        }
    }

    private static Task FollowDrawnAsync(CommandCall call, string id) =>
        call.Environment.Drawing.Progress()
            .AutoClear(true)
            .Columns(
                new SpinnerColumn(),
                new TaskDescriptionColumn { Alignment = Justify.Left },
                new ProgressBarColumn(),
                new PercentageColumn(),
                new ElapsedTimeColumn())
            .StartAsync(async progress =>
            {
                var bar = progress.AddTask(Markup.Escape(id));
                bar.IsIndeterminate = true;
                await foreach (var happened in call.Client.Jobs.EventsAsync(id, 0, call.CancellationToken))
                {
                    Show(call, id, bar, happened);
                }

                bar.StopTask();
            });

    private static void Show(CommandCall call, string id, ProgressTask bar, JobEvent happened)
    {
        switch (happened)
        {
            case JobProgressEvent { Progress: { StepsTotal: > 0 } steps }:
                bar.IsIndeterminate = false;
                bar.MaxValue = steps.StepsTotal;
                bar.Value = steps.StepsDone;
                break;
            case JobStateEvent state:
                bar.Description = Markup.Escape($"{id} {EventLine.Describe(state)}");
                break;
            case JobLogEvent:
                call.Environment.Drawing.WriteLine(EventLine.ToText(happened));
                break;
        }
    }
}
