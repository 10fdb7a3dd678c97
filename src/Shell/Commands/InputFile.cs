namespace GpuActors.Shell.Commands;

/// <summary>Files that the user names; <c>-</c> is standard input.</summary>
internal static class InputFile
{
    private const int MaxDocumentBytes = 64 * 1024 * 1024;

    /// <summary>The bytes of a document.</summary>
    /// <exception cref="UsageException">It cannot be read, or it is too large.</exception>
    public static async Task<byte[]> ReadAsync(CommandCall call, string name)
    {
        var source = Open(call, name);
        await using (source)
        {
            using var bytes = new MemoryStream();
            byte[] buffer = new byte[64 * 1024];
            int count;
            while ((count = await source.ReadAsync(buffer, call.CancellationToken)) > 0)
            {
                await bytes.WriteAsync(buffer.AsMemory(0, count), call.CancellationToken);
                if (bytes.Length > MaxDocumentBytes)
                {
                    throw new UsageException(
                        $"{name} is larger than {MaxDocumentBytes} bytes; upload large inputs with 'pbm blob put'.");
                }
            }

            return bytes.ToArray();
        }
    }

    /// <summary>The file as a stream.</summary>
    /// <exception cref="UsageException">It cannot be read.</exception>
    public static Stream Open(CommandCall call, string name)
    {
        try
        {
            return name == "-"
                ? call.Environment.OpenIn()
                : new FileStream(
                    Path.Combine(call.Environment.WorkingFolder, name),
                    new FileStreamOptions { Options = FileOptions.Asynchronous | FileOptions.SequentialScan });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{name} cannot be read: {e.Message}", e);
        }
    }
}
