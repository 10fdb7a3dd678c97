namespace GpuActors.Actors;

/// <summary>The result of work that has no other.</summary>
public sealed class Done
{
    private Done()
    {
    }

    public static Done Instance { get; } = new();
}
