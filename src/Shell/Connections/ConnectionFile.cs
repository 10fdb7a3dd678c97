using System.Text.Json;

namespace GpuActors.Shell.Connections;

/// <summary>
/// <c>.gpuactors/connection.json</c>, which a cluster on this machine leaves for its users:
/// <c>{"server": ["http://..."], "ticket": "..."}</c>. The nearest one counts: of the current folder, of one above it,
/// of the home folder.
/// </summary>
internal sealed record ConnectionFile(string Path, IReadOnlyList<string> Servers, string? Ticket)
{
    private const string Name = ".gpuactors/connection.json";

    private const int MaxBytes = 64 * 1024;

    /// <summary>The nearest file; null when there is none.</summary>
    /// <exception cref="UsageException">It cannot be read.</exception>
    public static ConnectionFile? Find(string workingFolder, string? homeFolder)
    {
        for (string? folder = workingFolder; folder is not null; folder = System.IO.Path.GetDirectoryName(folder))
        {
            if (System.IO.Path.Combine(folder, Name) is var path && File.Exists(path))
            {
                return Read(path);
            }
        }

        return homeFolder is not null && System.IO.Path.Combine(homeFolder, Name) is var own && File.Exists(own)
            ? Read(own)
            : null;
    }

    private static ConnectionFile Read(string path)
    {
        try
        {
            if (new FileInfo(path).Length > MaxBytes)
            {
                throw new UsageException($"{path} is larger than {MaxBytes} bytes; it should hold a server and a ticket.");
            }

            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            var root = document.RootElement;
            return new ConnectionFile(path, Texts(root, "server"), Texts(root, "ticket").FirstOrDefault());
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            throw new UsageException(
                $"{path} cannot be read: {e.Message} It should be {{\"server\": [\"http://HOST:PORT\"], \"ticket\": \"...\"}}.",
                e);
        }
    }

    /// <summary>A text or a list of texts.</summary>
    private static List<string> Texts(JsonElement root, string name) =>
        !root.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null ? []
        : value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select(item => item.GetString() ?? "")]
        : [value.GetString() ?? ""];
}
