using System.Text.Json;

namespace GpuActors.Shared.Configuration.Hocon;

/// <summary>Reads the files that a text includes, relative to the folder that the text is in.</summary>
internal sealed class IncludeReader
{
    private readonly string? _folder;
    private readonly List<string> _chain;
    private readonly Counter _files;

    private IncludeReader(string? folder, List<string> chain, Counter files)
    {
        _folder = folder;
        _chain = chain;
        _files = files;
    }

    /// <summary>For a text that is in no file; null when relative names have nothing to be relative to.</summary>
    public static IncludeReader ForText(string? folder) => new(folder, [], new Counter());

    /// <summary>Parses a file that was named outright.</summary>
    public static ObjectNode ReadRoot(string path)
    {
        var origin = new ConfigOrigin(path, 0, 0);
        var reader = ForText(null);
        return reader.TryParse(path, [[]], origin)
            ?? throw new HoconException("There is no such file.", origin);
    }

    /// <summary>Adds the fields of the included file to <paramref name="target"/>.</summary>
    public void Read(IncludeRequest request, string[][] bases, ObjectNode target)
    {
        if (_folder is null && !Path.IsPathRooted(request.Name))
        {
            throw new HoconException(
                $"The file {request.Name} is relative to a folder, but this text is in none; give the whole path.",
                request.Origin);
        }

        string path = Path.Combine(_folder ?? "", request.Name);
        bool found = false;
        foreach (string candidate in Candidates(path))
        {
            if (TryParse(candidate, bases, request.Origin) is { } included)
            {
                target.DefineAll(included);
                found = true;
            }
        }

        if (!found && !HasKnownExtension(path) && File.Exists(path))
        {
            throw new HoconException(
                $"The included file {path} must end in .conf, .json or .properties.", request.Origin);
        }

        if (!found && request.Required)
        {
            throw new HoconException($"The required file {path} does not exist.", request.Origin);
        }
    }

    /// <summary>Without a known extension all of them are tried; what is read later overrides.</summary>
    private static string[] Candidates(string path) =>
        HasKnownExtension(path) ? [path] : [path + ".properties", path + ".json", path + ".conf"];

    private static bool HasKnownExtension(string path) => Path.GetExtension(path) is ".conf" or ".json" or ".properties";

    private ObjectNode? TryParse(string path, string[][] bases, ConfigOrigin requestedAt)
    {
        string identity = Path.GetFullPath(path);
        CheckLimits(identity, requestedAt);
        if (SourceText.ReadFile(path, requestedAt) is not { } text)
        {
            return null;
        }

        _files.Value++;
        switch (Path.GetExtension(path))
        {
            case ".properties":
                return PropertiesParser.Parse(text, path);
            case ".json":
                CheckJson(text, path);
                break;
        }

        var inner = new IncludeReader(Path.GetDirectoryName(identity), [.. _chain, identity], _files);
        return DocumentParser.Parse(text, path, inner, bases);
    }

    private void CheckLimits(string identity, ConfigOrigin requestedAt)
    {
        if (_chain.Contains(identity))
        {
            throw new HoconException(
                $"The file {identity} includes itself: {string.Join(" includes ", _chain)} includes {identity}.",
                requestedAt);
        }

        if (_chain.Count == HoconLimits.MaxIncludeDepth)
        {
            throw new HoconException(
                $"More than {HoconLimits.MaxIncludeDepth} files include each other in a row.", requestedAt);
        }

        if (_files.Value == HoconLimits.MaxIncludes)
        {
            throw new HoconException($"More than {HoconLimits.MaxIncludes} files are included.", requestedAt);
        }
    }

    /// <summary>A .json file must be JSON, without what HOCON adds to it.</summary>
    private static void CheckJson(string text, string path)
    {
        try
        {
            using var document = JsonDocument.Parse(
                text.TrimStart('\uFEFF'), new JsonDocumentOptions { MaxDepth = HoconLimits.MaxDepth });
        }
        catch (JsonException e)
        {
            throw new HoconException(
                "The file ends in .json but is not JSON; rename it to .conf if it is meant as HOCON.",
                new ConfigOrigin(path, 1 + (int)(e.LineNumber ?? 0), 1 + (int)(e.BytePositionInLine ?? 0)),
                e);
        }
    }

    private sealed class Counter
    {
        public int Value { get; set; }
    }
}
