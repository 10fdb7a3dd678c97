using System.CommandLine;
using GpuActors.Shared.Api;
using GpuActors.Shell.Output;

namespace GpuActors.Shell.Commands;

/// <summary><c>pbm blob ...</c></summary>
internal static class BlobCommands
{
    public static void AddTo(CommandTree tree)
    {
        var group = tree.AddGroup("blob", "Content by its SHA-256, for inputs that are large or used often.");
        var file = new NameArgument("file", "The file; - reads standard input.") { SuggestAsync = Suggestions.FilesAsync };
        tree.Add(
            group, "put", "Upload a file, unless it is there, and write its SHA-256.",
            call => PutAsync(call, call.Parsed.GetRequiredValue(file)), file);
        var sha256 = new NameArgument("sha256", "The SHA-256 of the content: 64 hexadecimal digits.");
        var to = new Option<string?>("--to") { Description = "The file to write to; without it standard output.", HelpName = "FILE" };
        tree.Add(
            group, "get", "Download content and check its SHA-256.",
            call => GetAsync(call, call.Parsed.GetRequiredValue(sha256), call.Parsed.GetValue(to)), sha256, to);
    }

    private static async Task<int> PutAsync(CommandCall call, string file)
    {
        var content = InputFile.Open(call, file);
        await using (content)
        {
            var info = await call.Client.Blobs.UploadAsync(content, call.CancellationToken);
            if (call.Results.Json)
            {
                call.Results.WriteJson(info);
            }
            else
            {
                call.Results.WriteLine(info.Sha256);
            }
        }

        return ExitCodes.Ok;
    }

    private static async Task<int> GetAsync(CommandCall call, string sha256, string? file)
    {
        if (call.Results.Json && file is null)
        {
            throw new UsageException("--json needs --to FILE: standard output would be the content.");
        }

        long size = await OutputFile.WriteAsync(
            call, file, stream => call.Client.Blobs.DownloadAsync(sha256, stream, call.CancellationToken));
        if (call.Results.Json)
        {
            call.Results.WriteJson(new BlobInfo { Sha256 = sha256.ToLowerInvariant(), Size = size });
        }
        else if (file is not null and not "-")
        {
            call.Results.WriteLine($"{file}: {Words.Size(size)}");
        }

        return ExitCodes.Ok;
    }
}
