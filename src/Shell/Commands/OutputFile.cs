namespace GpuActors.Shell.Commands;

/// <summary>Writes content to a file, which appears only when it is whole and right, or to standard output.</summary>
internal static class OutputFile
{
    /// <summary>Lets <paramref name="download"/> write.</summary>
    /// <param name="call">The run.</param>
    /// <param name="name">The file; null or <c>-</c> for standard output.</param>
    /// <param name="download">Writes the content and gives its size in bytes.</param>
    public static async Task<long> WriteAsync(CommandCall call, string? name, Func<Stream, Task<long>> download)
    {
        if (name is null or "-")
        {
            var output = call.Environment.OpenOut();
            await using (output)
            {
                return await download(output);
            }
        }

        string path = Path.Combine(call.Environment.WorkingFolder, name);
        string part = path + ".part";
        try
        {
            long size;
            await using (var file = new FileStream(part, FileMode.Create, FileAccess.Write))
            {
                size = await download(file);
            }

            File.Move(part, path, overwrite: true);
            return size;
        }
        catch
        {
            File.Delete(part);
            throw;
        }
    }
}
