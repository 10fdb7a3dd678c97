namespace GpuActors.Shared.Configuration.Hocon;

/// <summary>
/// <c>{...}</c>: for each key its definitions in the order of their appearance. Object literals that follow each
/// other are one definition; what a later literal hides for good is not kept.
/// </summary>
internal sealed class ObjectNode(ConfigOrigin origin) : Node(origin)
{
    public OrderedDictionary<string, List<Node>> Fields { get; } = [];

    public override bool IsLiteral => Fields.Values.All(f => f.TrueForAll(d => d.IsLiteral));

    /// <summary>The object at <paramref name="path"/> that further fields go into; made when it is not there.</summary>
    public ObjectNode Open(ReadOnlySpan<string> path, ConfigOrigin origin)
    {
        var current = this;
        foreach (string key in path)
        {
            var definitions = current.Definitions(key);
            if (definitions.Count == 0 || definitions[^1] is not ObjectNode below)
            {
                definitions.Add(below = new ObjectNode(origin));
            }

            current = below;
        }

        return current;
    }

    /// <summary>Adds a later definition of <paramref name="key"/>.</summary>
    public void Define(string key, Node value)
    {
        var definitions = Definitions(key);
        if (value is ObjectNode above)
        {
            if (definitions.Count > 0 && definitions[^1] is ObjectNode below)
            {
                below.DefineAll(above);
                return;
            }
        }
        else if (value is ScalarNode or ListNode)
        {
            definitions.Clear();
        }

        definitions.Add(value);
    }

    /// <summary>Adds all definitions of <paramref name="later"/>, which must not be used any more.</summary>
    public void DefineAll(ObjectNode later)
    {
        foreach (var (key, definitions) in later.Fields)
        {
            definitions.ForEach(definition => Define(key, definition));
        }
    }

    /// <summary>A copy that can be added to. Only objects are copied: nothing else changes after parsing.</summary>
    public ObjectNode Copy()
    {
        var copy = new ObjectNode(Origin);
        foreach (var (key, definitions) in Fields)
        {
            copy.Fields.Add(key, definitions.ConvertAll(d => d is ObjectNode o ? o.Copy() : d));
        }

        return copy;
    }

    /// <summary>The definitions of a key, to be added to.</summary>
    public List<Node> Definitions(string key)
    {
        if (!Fields.TryGetValue(key, out var definitions))
        {
            Fields.Add(key, definitions = []);
        }

        return definitions;
    }
}
