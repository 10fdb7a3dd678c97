namespace GpuActors.Shared.Configuration.Hocon;

/// <summary>A value as it was written, before substitutions are resolved.</summary>
internal abstract class Node(ConfigOrigin origin)
{
    public ConfigOrigin Origin { get; } = origin;

    /// <summary>True when it contains no substitution, at any depth.</summary>
    public abstract bool IsLiteral { get; }
}

/// <summary>A string, number, boolean or null.</summary>
internal sealed class ScalarNode(ConfigScalar value) : Node(value.Origin)
{
    public ConfigScalar Value { get; } = value;

    public override bool IsLiteral => true;
}

/// <summary>Whitespace between two pieces of a concatenation: part of a string, nothing between lists or objects.</summary>
internal sealed class BlankNode(string text, ConfigOrigin origin) : Node(origin)
{
    public string Text { get; } = text;

    public override bool IsLiteral => true;
}

/// <summary><c>[...]</c></summary>
internal sealed class ListNode(List<Node> items, ConfigOrigin origin) : Node(origin)
{
    /// <summary>Grows only while the document is parsed (by <c>+=</c>).</summary>
    public List<Node> Items { get; } = items;

    public override bool IsLiteral => Items.TrueForAll(i => i.IsLiteral);
}

/// <summary><c>${path}</c> or <c>${?path}</c>.</summary>
internal sealed class SubstitutionNode(string[] path, bool optional, string[][] bases, ConfigOrigin origin)
    : Node(origin)
{
    public string[] Path { get; } = path;

    public bool Optional { get; } = optional;

    /// <summary>
    /// Absolute paths that <see cref="Path"/> may be relative to, tried in order: where the file that it is written
    /// in was included, where that file's including file was, ..., the root.
    /// </summary>
    public string[][] Bases { get; } = bases;

    public override bool IsLiteral => false;

    public override string ToString() => $"${{{(Optional ? "?" : "")}{ConfigPath.Render(Path)}}}";
}

/// <summary>Several pieces on one line, of which at least one is not plain text.</summary>
internal sealed class ConcatenationNode(List<Node> pieces, ConfigOrigin origin) : Node(origin)
{
    public List<Node> Pieces { get; } = pieces;

    public override bool IsLiteral => Pieces.TrueForAll(p => p.IsLiteral);
}
