namespace GpuActors.Shared.Jobs.Planning;

/// <summary>Lists the names that would have been right, for messages.</summary>
internal static class KnownNames
{
    private const int Shown = 20;

    public static string In(IEnumerable<string> names)
    {
        var known = names.Take(Shown + 1).ToArray();
        return known.Length switch
        {
            0 => "there are none",
            > Shown => $"there are {string.Join(", ", known.Take(Shown))}, …",
            _ => $"there are {string.Join(", ", known)}",
        };
    }
}
