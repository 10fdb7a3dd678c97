using Spectre.Console;

namespace GpuActors.Shell.Output;

/// <summary>Colours of the words for states.</summary>
internal static class StateStyles
{
    public static Style Of(string word) => word switch
    {
        "Completed" or "up" or "ok" => new Style(Color.Green),
        "Running" or "Placed" => new Style(Color.Aqua),
        "Queued" or "Migrating" or "Recovering" or "draining" => new Style(Color.Yellow),
        "Failed" or "lost" or "down" => new Style(Color.Red),
        "Cancelled" => new Style(Color.Grey),
        _ => Style.Plain,
    };
}
