using System.Text.Json;
using System.Text.Json.Serialization;
using GpuActors.Shared.Devices;

namespace GpuActors.Worker.Nvml;

/// <summary>The layout that a GPU is to have, as it is recorded.</summary>
/// <param name="Uuid">The GPU's UUID.</param>
/// <param name="Gpu">Its name, for whoever reads the file.</param>
/// <param name="Slices">Its slices; empty: it is in MIG mode and not cut.</param>
internal sealed record MigRecord(string Uuid, string Gpu, IReadOnlyList<MigSlice> Slices);

/// <summary>The recorded layouts can't be read. The message names the file and what is wrong in it.</summary>
public sealed class MigLayoutFileException(string path, string reason, Exception? inner = null)
    : IOException($"{path}: {reason}. Correct the file, or remove it to let the host's GPUs stay as they are.", inner);

/// <summary>
/// The layouts of a host's GPUs, in its worker's data folder: the driver forgets instances at each reboot. Written
/// whole to another name and then renamed, so that the file is the old or the new one, whenever the machine goes down.
/// </summary>
/// <param name="folder">The worker's data folder.</param>
internal sealed class MigLayoutFile(string folder)
{
    private const string Name = "mig-layouts.json";
    private const int CurrentVersion = 1;
    private const int BytesMax = 1 << 20;
    private const int GpusMax = 64;

    /// <summary>The file.</summary>
    public string Path { get; } = System.IO.Path.Combine(folder, Name);

    /// <summary>What is recorded; empty if nothing has been.</summary>
    /// <exception cref="MigLayoutFileException">What is there is not such a file.</exception>
    public IReadOnlyList<MigRecord> Read()
    {
        if (!File.Exists(Path))
        {
            return [];
        }

        if (new FileInfo(Path).Length > BytesMax)
        {
            throw new MigLayoutFileException(Path, $"it is longer than {BytesMax} bytes");
        }

        MigLayoutDocument? document;
        try
        {
            document = JsonSerializer.Deserialize(File.ReadAllBytes(Path), MigLayoutJson.Default.MigLayoutDocument);
        }
        catch (JsonException e)
        {
            throw new MigLayoutFileException(Path, $"it is no such document: {e.Message.TrimEnd('.')}", e);
        }

        return FaultOf(document) is { } fault ? throw new MigLayoutFileException(Path, fault) : document!.Gpus;
    }

    /// <summary>Records all layouts in place of those before.</summary>
    /// <exception cref="ArgumentException">They contradict themselves; the file stays as it was.</exception>
    public void Write(IReadOnlyList<MigRecord> records)
    {
        var document = new MigLayoutDocument(CurrentVersion, records);
        if (FaultOf(document) is { } fault)
        {
            throw new ArgumentException($"Layouts that can't be recorded: {fault}.", nameof(records));
        }

        var fresh = $"{Path}.new";
        using (var file = new FileStream(fresh, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            JsonSerializer.Serialize(file, document, MigLayoutJson.Default.MigLayoutDocument);
            file.Flush(flushToDisk: true);
        }

        File.Move(fresh, Path, overwrite: true);
    }

    private static string? FaultOf(MigLayoutDocument? document)
    {
        if (document is null)
        {
            return "it is empty";
        }

        if (document.Version != CurrentVersion)
        {
            return $"it has version {document.Version}; this worker reads version {CurrentVersion}";
        }

        var gpus = document.Gpus;
        return gpus.Any(gpu => gpu is null || gpu.Slices.Any(slice => slice is null)) ? "a GPU or slice is null"
            : gpus.Count > GpusMax ? $"it has {gpus.Count} GPUs; {GpusMax} are the most"
            : gpus.DistinctBy(gpu => gpu.Uuid).Count() != gpus.Count ? "a GPU is there twice"
            : gpus.Select(FaultOf).FirstOrDefault(fault => fault is not null);
    }

    private static string? FaultOf(MigRecord gpu)
    {
        if (gpu.Uuid.Length is 0 or > 96 || gpu.Slices.Count > MemoryLine.WidthMax)
        {
            return $"GPU '{gpu.Uuid}' has no sensible UUID or too many slices";
        }

        if (gpu.Slices.FirstOrDefault(slice => !IsSensible(slice)) is { } wrong)
        {
            return $"GPU {gpu.Uuid}: slice '{wrong}' of size {wrong.Size} lies outside of a GPU";
        }

        return gpu.Slices
            .Where((slice, i) => gpu.Slices.Take(i).Any(other => other.Place.Overlaps(slice.Place)))
            .Select(slice => $"GPU {gpu.Uuid}: {slice} overlaps another slice")
            .FirstOrDefault();
    }

    private static bool IsSensible(MigSlice slice) =>
        slice.Profile.Length is > 0 and <= 96 && slice.ProfileId >= 0
        && slice.Start is >= 0 and < MemoryLine.WidthMax
        && slice.Size is >= 1 and <= MemoryLine.WidthMax
        && slice.Start + slice.Size <= MemoryLine.WidthMax;
}

/// <summary>The file's content.</summary>
internal sealed record MigLayoutDocument(int Version, IReadOnlyList<MigRecord> Gpus);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    WriteIndented = true)]
[JsonSerializable(typeof(MigLayoutDocument))]
internal sealed partial class MigLayoutJson : JsonSerializerContext;
