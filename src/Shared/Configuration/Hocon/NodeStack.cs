namespace GpuActors.Shared.Configuration.Hocon;

/// <summary>The nodes that are being evaluated, the outermost first, and which they are at once.</summary>
internal sealed class NodeStack
{
    private readonly List<Node> _order = [];
    private readonly HashSet<Node> _members = [];

    public int Count => _order.Count;

    public bool Contains(Node node) => _members.Contains(node);

    public void Push(Node node)
    {
        if (_members.Add(node))
        {
            _order.Add(node);
        }
    }

    public void PopTo(int count)
    {
        while (_order.Count > count)
        {
            _members.Remove(_order[^1]);
            _order.RemoveAt(_order.Count - 1);
        }
    }

    /// <summary>The substitutions in it, for a message about a circle; those of long chains are left out.</summary>
    public string Describe(Node closing)
    {
        const int shown = 8;
        var circle = _order.SkipWhile(n => n != closing && _members.Contains(closing))
            .OfType<SubstitutionNode>().Append(closing).OfType<SubstitutionNode>().Distinct()
            .Select(s => $"{s} ({s.Origin})").ToList();
        return string.Join(" → ", circle.Take(shown)) + (circle.Count > shown ? " → …" : "");
    }
}
