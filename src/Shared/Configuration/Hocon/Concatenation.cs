using System.Text;

namespace GpuActors.Shared.Configuration.Hocon;

/// <summary>Rules of what may stand beside what on one line.</summary>
internal static class Concatenation
{
    /// <summary>The node for pieces that were written beside each other; plain text is joined at once.</summary>
    /// <exception cref="HoconException">Their kinds do not go together.</exception>
    public static Node OfPieces(List<Node> pieces, ConfigOrigin origin)
    {
        if (pieces.TrueForAll(p => p is ScalarNode or BlankNode))
        {
            var text = new StringBuilder();
            foreach (var piece in pieces)
            {
                text.Append(piece is BlankNode blank ? blank.Text : ((ScalarNode)piece).Value.Text);
            }

            return new ScalarNode(new ConfigScalar(ConfigKind.String, text.ToString(), origin));
        }

        var written = pieces.Where(p => p is ScalarNode or ListNode or ObjectNode).ToList();
        if (written.Find(p => p is ScalarNode != written[0] is ScalarNode) is { } stranger)
        {
            throw Mixed(KindOf(written[0]), KindOf(stranger), stranger.Origin);
        }

        return new ConcatenationNode(pieces, origin);
    }

    /// <summary>The error for kinds that cannot be joined.</summary>
    public static HoconException Mixed(ConfigKind first, ConfigKind second, ConfigOrigin origin) =>
        new($"{Words(first)} and {Words(second)} cannot be joined on one line; separate them with a comma or a newline.",
            origin);

    private static ConfigKind KindOf(Node node) => node switch
    {
        ObjectNode => ConfigKind.Object,
        ListNode => ConfigKind.List,
        _ => ConfigKind.String,
    };

    private static string Words(ConfigKind kind) => kind switch
    {
        ConfigKind.Object => "An object",
        ConfigKind.List => "A list",
        _ => "Text",
    };
}
