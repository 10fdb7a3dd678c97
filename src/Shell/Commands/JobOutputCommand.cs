using System.CommandLine;
using GpuActors.Shared.Api;
using GpuActors.Shell.Output;

namespace GpuActors.Shell.Commands;

/// <summary><c>pbm job output ID [NAME]</c></summary>
internal static class JobOutputCommand
{
    public static void AddTo(CommandTree tree, Command group)
    {
        var id = JobCommands.JobArgument();
        var name = new NameArgument("name", "The output; without it the outputs are listed.")
        {
            Arity = ArgumentArity.ZeroOrOne,
            SuggestAsync = Suggestions.OutputsOf(id),
        };
        var to = new Option<string?>("--to")
        {
            Description = "The file to write to; without it standard output.",
            HelpName = "FILE",
        };
        tree.Add(group, "output", "List a job's outputs, or fetch one.", call =>
            call.Parsed.GetValue(name) is { } wanted
                ? FetchAsync(call, call.Parsed.GetRequiredValue(id), wanted, call.Parsed.GetValue(to))
                : ListAsync(call, call.Parsed.GetRequiredValue(id)), id, name, to);
    }

    private static async Task<int> ListAsync(CommandCall call, string id)
    {
        var outputs = await call.Client.Jobs.ListOutputsAsync(id, call.CancellationToken);
        if (call.Results.Json)
        {
            call.Results.WriteJson(new JobOutputList { Outputs = outputs });
        }
        else
        {
            JobDetails.WriteOutputs(call, outputs);
        }

        return ExitCodes.Ok;
    }

    private static async Task<int> FetchAsync(CommandCall call, string id, string name, string? file)
    {
        var outputs = await call.Client.Jobs.ListOutputsAsync(id, call.CancellationToken);
        var output = outputs.FirstOrDefault(o => o.Name == name) ?? throw new UsageException(
            outputs.Count == 0
                ? $"Job {id} has no outputs."
                : $"Job {id} has no output {name}; it has: {string.Join(", ", outputs.Select(o => o.Name))}.");
        if (call.Results.Json && file is null)
        {
            throw new UsageException("--json with an output's name needs --to FILE: standard output would be its bytes.");
        }

        await OutputFile.WriteAsync(
            call, file, stream => call.Client.Jobs.DownloadOutputAsync(id, output, stream, call.CancellationToken));
        if (call.Results.Json)
        {
            call.Results.WriteJson(new JobOutputList { Outputs = [output] });
        }
        else if (file is not null and not "-")
        {
            call.Results.WriteLine($"{file}: {Words.Size(output.Size)}");
        }

        return ExitCodes.Ok;
    }
}
