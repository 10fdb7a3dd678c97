using System.Globalization;

namespace GpuActors.Samples.Demo;

/// <summary>The arguments of <c>./run</c>.</summary>
/// <param name="Nodes">Scheduler nodes; of more than one, one is killed in the middle of the training.</param>
/// <param name="Keep">Whether the cluster stays up until Ctrl+C.</param>
/// <param name="Sharing">Whether tenants are shown that share one GPU, instead of the samples.</param>
internal sealed record DemoArguments(int Nodes, bool Keep, bool Sharing)
{
    public const string Usage = """
        Usage: ./run [--nodes N] [--keep]   N scheduler nodes, 1 to 9; of several one is killed
               ./run --sharing [--keep]     three tenants on one GPU, then the same GPU cut into MIG slices
        """;

    private const int MaxNodes = 9;

    /// <summary>Reads them; null if they are wrong.</summary>
    public static DemoArguments? Parse(ReadOnlySpan<string> arguments) => arguments switch
    {
        [] => new DemoArguments(1, false, false),
        ["--keep", .. var rest] => Parse(rest) is { } parsed ? parsed with { Keep = true } : null,
        ["--sharing", .. var rest] => Parse(rest) is { Nodes: 1 } parsed ? parsed with { Sharing = true } : null,
        ["--nodes", var text, .. var rest] when Number(text) is { } nodes =>
            Parse(rest) is { Sharing: false } parsed ? parsed with { Nodes = nodes } : null,
        _ => null,
    };

    private static int? Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= MaxNodes
            ? number
            : null;
}
