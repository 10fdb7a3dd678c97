using System.CommandLine;
using System.Net;
using System.Text.Json.Nodes;
using GpuActors.Client;
using GpuActors.Shared.Api;
using GpuActors.Shared.Jobs;
using GpuActors.Shell.Sessions;

namespace GpuActors.Shell.Commands;

/// <summary><c>pbm run</c>, <c>request</c> and <c>release</c>: GPUs for unmodified programs on this machine.</summary>
internal static class RunCommands
{
    public static void AddTo(CommandTree tree)
    {
        AddRun(tree);
        AddRequest(tree);
        AddRelease(tree);
    }

    private static void AddRun(CommandTree tree)
    {
        var options = new SessionOptions();
        var program = new Argument<string[]>("program")
        {
            Description = "Behind --: the program to run, and its arguments.",
            HelpName = "PROGRAM ARGS",
            Arity = ArgumentArity.OneOrMore,
        };
        tree.Add(
            tree.Root,
            "run",
            "Run a program here that uses GPUs elsewhere; they are given back when it ends.",
            call => RunAsync(call, options, call.Parsed.GetRequiredValue(program)),
            [.. options.All, program]);
    }

    private static void AddRequest(CommandTree tree)
    {
        var options = new SessionOptions();
        tree.Add(
            tree.Root,
            "request",
            "Get GPUs for several commands. What it writes is for a shell: eval \"$(pbm request)\".",
            call => RequestAsync(call, options),
            options.All);
    }

    private static void AddRelease(CommandTree tree)
    {
        var id = new Argument<string?>("id")
        {
            Description = "What was requested.", HelpName = "ID", Arity = ArgumentArity.ZeroOrOne,
        };
        var all = new Option<bool>("--all") { Description = "All that was requested here." };
        tree.Add(tree.Root, "release", "Give back what was requested.", call =>
        {
            var named = call.Parsed.GetValue(id);
            if (named is null != call.Parsed.GetValue(all))
            {
                throw new UsageException("Name what to release, or say --all.");
            }

            return ReleaseAsync(call, named is null ? SessionFolder.KeptIds(call.Environment) : [named]);
        }, id, all);
    }

    private static async Task<int> RunAsync(CommandCall call, SessionOptions options, string[] program)
    {
        if (ProgramRun.Find(call.Environment, program[0]) is not { } path)
        {
            await call.Environment.Error.WriteLineAsync($"error: There is no program '{program[0]}'.");
            return ProgramRun.NotFound;
        }

        var library = IcdLibrary.Find(call.Environment);
        var request = options.RequestOf(call, InteractiveTerms.DefaultLease);
        using var signals = new ProgramSignals(call.CancellationToken);
        using var display = DisplayOf(call);
        var scope = new CommandScope(call.Client, call.Environment.Time, display, options.NamesWait(call));
        var sessions = new SessionSet(scope);
        SessionFolder? folder = null;
        try
        {
            var running = await options.AcquireAsync(call, sessions, request, hold: true, signals.Token);
            var place = folder = SessionFolder.Temporary();
            folder.Write(SessionSet.GrantOf(running), library);
            await using var keeper = new GrantKeeper(scope, running, grant => place.Write(grant, library));
            return await ProgramRun.RunAsync(call.Environment, path, program[1..], folder.Variables, signals);
        }
        catch (OperationCanceledException) when (signals.ExitCode != 0 && !call.CancellationToken.IsCancellationRequested)
        {
            return signals.ExitCode;
        }
        finally
        {
            await sessions.ReleaseAsync();
            folder?.Delete();
        }
    }

    private static async Task<int> RequestAsync(CommandCall call, SessionOptions options)
    {
        var library = IcdLibrary.Find(call.Environment);
        var request = options.RequestOf(call, lease: null);
        var folder = SessionFolder.Kept(call.Environment, request.Id);
        using var display = DisplayOf(call);
        var sessions = new SessionSet(
            new CommandScope(call.Client, call.Environment.Time, display, options.NamesWait(call)));
        using var signals = new ProgramSignals(call.CancellationToken);
        try
        {
            var running = await options.AcquireAsync(call, sessions, request, hold: false, signals.Token);
            folder.Write(SessionSet.GrantOf(running), library);
            Write(call, request.Id, running, folder);
            return ExitCodes.Ok;
        }
        catch (Exception e)
        {
            await sessions.ReleaseAsync();
            folder.Delete();
            if (e is OperationCanceledException && signals.ExitCode != 0 && !call.CancellationToken.IsCancellationRequested)
            {
                return signals.ExitCode;
            }

            throw;
        }
    }

    private static async Task<int> ReleaseAsync(CommandCall call, IReadOnlyList<string> ids)
    {
        foreach (var id in ids)
        {
            var folder = SessionFolder.Kept(call.Environment, id);
            string[] sessions = folder.Read() is { } grant
                ? [.. grant.Devices.Select(device => IdOf(device.Session ?? grant.Session)).Distinct()]
                : [id];
            foreach (var session in sessions)
            {
                await EndAsync(call, session, isKept: folder.Read() is not null);
            }

            folder.Delete();
        }

        return ExitCodes.Ok;
    }

    private static async Task EndAsync(CommandCall call, string id, bool isKept)
    {
        try
        {
            SessionCommands.WriteEnd(call, await call.Client.Sessions.EndAsync(id, call.CancellationToken));
        }
        catch (ApiException e) when (isKept && e.Status == HttpStatusCode.NotFound)
        {
            await call.Environment.Error.WriteLineAsync($"pbm: session {id} is not there any more");
        }
    }

    private static WaitingDisplay DisplayOf(CommandCall call) => new(
        call.Environment.Error,
        call.Environment.ErrorIsTerminal ? () => call.Environment.Drawing.Profile.Width : null,
        call.Results.Json);

    private static void Write(
        CommandCall call, string id, IReadOnlyList<SessionStatus> running, SessionFolder folder)
    {
        if (!call.Results.Json)
        {
            foreach (var (name, value) in folder.Variables)
            {
                call.Results.WriteLine($"export {name}='{value.Replace("'", "'\\''", StringComparison.Ordinal)}'");
            }

            call.Environment.Error.WriteLine($"pbm: {id} is held until 'pbm release {id}'");
            return;
        }

        var variables = folder.Variables.Select(variable => KeyValuePair.Create(variable.Name, (JsonNode?)variable.Value));
        call.Results.WriteLine(new JsonObject
        {
            ["id"] = id,
            ["sessions"] = new JsonArray([.. running.Select(session => (JsonNode)session.Id)]),
            ["variables"] = new JsonObject(variables),
        }.ToJsonString());
    }

    private static string IdOf(string session) => session[(session.IndexOf('/', StringComparison.Ordinal) + 1)..];
}
