using GpuActors.Shared.Api;
using GpuActors.Shared.Devices;
using GpuActors.Shared.Jobs;

namespace GpuActors.Scheduler.Api;

/// <summary>What a job may ask of GPUs beyond what its document's format allows.</summary>
internal static class GpuRules
{
    private const string Count = "/gpu/count";
    private const int NamesShown = 40;

    /// <summary>The fields that are wrong.</summary>
    /// <param name="gpu">What is asked for.</param>
    /// <param name="models">What there may be.</param>
    /// <param name="maxVgpus"><c>max-vgpus-per-session</c>.</param>
    public static IEnumerable<FieldError> Check(GpuRequest gpu, GpuModels models, int maxVgpus)
    {
        var profile = gpu.Profile is { } name ? ProfileOf(name, gpu, models) : null;
        if (gpu.Profile is not null && profile is null)
        {
            yield return new FieldError("/gpu/profile", Unknown(gpu, models));
        }

        if (profile is { Kind: SliceKind.Vgpu } && gpu.Count > maxVgpus)
        {
            yield return new FieldError(
                Count,
                $"must be at most {maxVgpus}: a session may hold so many vGPUs (scheduler.max-vgpus-per-session).");
        }
        else if (gpu.Count > 1)
        {
            yield return new FieldError(
                Count,
                $"gpu.count must be 1: all steps of a job run on one GPU, so it could not use the other "
                    + $"{gpu.Count - 1}; submit one job for each GPU.");
        }
    }

    private static SliceProfile? ProfileOf(string name, GpuRequest gpu, GpuModels models) =>
        Asked(gpu, models).Select(model => model.FindProfile(name)).FirstOrDefault(profile => profile is not null);

    /// <summary>A pattern may be for a driver's name of a device rather than its model's: then any model may be meant.
    /// </summary>
    private static IEnumerable<GpuModel> Asked(GpuRequest gpu, GpuModels models)
    {
        var named = models.All.Where(model => gpu.MatchesModel(model.Name)).ToArray();
        return named.Length > 0 ? named : models.All;
    }

    private static string Unknown(GpuRequest gpu, GpuModels models)
    {
        var names = Asked(gpu, models)
            .SelectMany(model => (model.Mig?.Profiles ?? []).Concat(model.Vgpu?.Types ?? []))
            .Select(profile => profile.Name).Distinct(StringComparer.OrdinalIgnoreCase).ToArray();
        var shown = string.Join(", ", names.Take(NamesShown));
        return names.Length == 0
            ? $"the models that fit {gpu.ModelWords()} have no profiles; ask for whole, function, or memory and compute."
            : $"no model that fits {gpu.ModelWords()} has a profile '{gpu.Profile}'; there are "
                + $"{shown}{(names.Length > NamesShown ? ", ... (give a model to see fewer)" : "")}.";
    }
}
