namespace GpuActors.Node;

/// <summary>What every node process is started with.</summary>
/// <param name="ConfigFile">The HOCON file; null runs on the defaults of reference.conf.</param>
/// <param name="ReadyFile">A file to write once the node serves; null for none.</param>
public sealed record NodeCommandLine(string? ConfigFile, string? ReadyFile)
{
    /// <summary>Reads <c>[--config FILE] [--ready-file FILE]</c>.</summary>
    /// <exception cref="ArgumentException">An argument is not known or has no value; the message is for people.</exception>
    public static NodeCommandLine Parse(IReadOnlyList<string> arguments)
    {
        var line = new NodeCommandLine(null, null);
        for (var i = 0; i < arguments.Count; i += 2)
        {
            if (i + 1 == arguments.Count)
            {
                throw new ArgumentException($"{arguments[i]} needs a value. Usage: [--config FILE] [--ready-file FILE]");
            }

            line = arguments[i] switch
            {
                "--config" => line with { ConfigFile = arguments[i + 1] },
                "--ready-file" => line with { ReadyFile = arguments[i + 1] },
                _ => throw new ArgumentException(
                    $"{arguments[i]} is not known. Usage: [--config FILE] [--ready-file FILE]"),
            };
        }

        return line;
    }

    /// <summary>Tells who started this process that it serves, and where; complete as soon as it is there.</summary>
    public void WriteReady(IReadOnlyDictionary<string, string> facts)
    {
        if (ReadyFile is not null)
        {
            File.WriteAllText(ReadyFile + ".new", System.Text.Json.JsonSerializer.Serialize(facts));
            File.Move(ReadyFile + ".new", ReadyFile, overwrite: true);
        }
    }
}
