using System.CommandLine;
using GpuActors.Client;
using GpuActors.Shared.Configuration;
using GpuActors.Shared.Jobs;
using GpuActors.Shared.Security;
using GpuActors.Shell.Sessions;

namespace GpuActors.Shell.Commands;

/// <summary>
/// <c>pbm lease</c>, which the OpenCL library starts within a program whose variables ask for a GPU
/// (<see cref="Shared.Api.LeaseVariables"/>): gets it, writes the path of the grant, and gives it back when that program ends.
/// </summary>
internal static class LeaseCommand
{
    private const string Speaker = "GpuActors";

    /// <summary>A wait that is shorter is nothing to write about into a program that knows nothing of GPUs elsewhere.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public static void AddTo(CommandTree tree)
    {
        var options = new SessionOptions();
        var process = new Option<int>("--process")
        {
            Description = "The process for which they are held.", HelpName = "ID",
        };
        var command = tree.Add(
            tree.Root,
            "lease",
            "Hold GPUs for another process until it ends, or closes standard input. Writes the path of the grant.",
            call => LeaseAsync(call, options, call.Parsed.GetValue(process)),
            [.. options.All, process]);
        command.Hidden = true;
    }

    private static async Task<int> LeaseAsync(CommandCall call, SessionOptions options, int process)
    {
        try
        {
            var request = options.RequestOf(call, InteractiveTerms.DefaultLease);
            return await HoldAsync(call, options, request, LeaseUser.Watch(process));
        }
        catch (Exception e) when (e is UsageException or ConfigException or SecretException or ArgumentException)
        {
            return Say(call, e, ExitCodes.Usage);
        }
        catch (Exception e) when (e is GpuActorsException or IOException or UnauthorizedAccessException)
        {
            return Say(call, e, ExitCodes.Failed);
        }
    }

    private static async Task<int> HoldAsync(CommandCall call, SessionOptions options, JobDocument request, LeaseUser user)
    {
        using var signals = new ProgramSignals(call.CancellationToken);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(signals.Token, user.Gone);
        using var display = new WaitingDisplay(call.Environment.Error, width: null, json: false, Speaker)
            .After(Patience, call.Environment.Time);
        var scope = new CommandScope(call.Client, call.Environment.Time, display, options.NamesWait(call));
        var sessions = new SessionSet(scope);
        SessionFolder? folder = null;
        try
        {
            var running = await options.AcquireAsync(call, sessions, request, hold: true, ending.Token);
            var place = folder = SessionFolder.Temporary();
            place.Write(SessionSet.GrantOf(running));
            await using var keeper = new GrantKeeper(scope, running, place.Write);
            await call.Environment.Out.WriteLineAsync(place.Grant);
            await call.Environment.Out.FlushAsync(ending.Token);
            await Task.Delay(Timeout.InfiniteTimeSpan, call.Environment.Time, ending.Token);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // Who reads the program's errors to their end need not wait until its GPU is given back.
            LeaseUser.LeaveErrors();
        }
        finally
        {
            await sessions.ReleaseAsync();
            folder?.Delete();
        }

        return signals.ExitCode;
    }

    /// <summary>One line: it stands among a program's own.</summary>
    private static int Say(CommandCall call, Exception why, int exitCode)
    {
        call.Environment.Error.WriteLine($"{Speaker}: no GPU could be leased: {why.Message.ReplaceLineEndings(" ")}");
        return exitCode;
    }
}
