using System.Runtime.CompilerServices;

namespace GpuActors.Shared.Configuration.Hocon;

/// <summary>
/// Resolves the substitutions of one document.
///
/// A field has a stack of contributions: its own definitions, later ones first, and those that came with an object
/// that was substituted into its parent. Evaluating a stack goes from the top down to the first thing that is not an
/// object, so what is hidden is never evaluated. There are two phases, because an object may refer to its own fields:
///
/// 1. The *shape* of a value: undefined, whole, or an object as a list of literals whose fields are not looked at.
///    Looking up a path needs shapes only.
/// 2. The value itself.
///
/// Look-back: while a substitution or concatenation is being evaluated, a stack in which it is met again is cut below
/// it, for the same field. That gives <c>path = ${path} [x]</c> the older value, and finds nothing when there is no
/// older one. A substitution whose shape is known may still be looked *through* (phase 1) while its value is built
/// (phase 2); needing its whole value to build that very value is a circle.
///
/// Shapes are remembered for each occurrence of a substitution, as the specification asks.
/// </summary>
internal sealed class Resolver(ObjectNode root, Func<string, string?> environment)
{
    private readonly Position _root = new();
    private readonly Dictionary<Node, Shape> _shapes = [];
    private readonly NodeStack _shaping = new();
    private readonly NodeStack _building = new();
    private int _steps;
    private int _depth;

    public ConfigObject Resolve() => BuildFields([new Layer(root, _root)], _root, root.Origin);

    // ---- Phase 2: values

    private ConfigObject BuildFields(IReadOnlyList<Layer> layers, Position at, ConfigOrigin origin)
    {
        var fields = new OrderedDictionary<string, ConfigValue>();
        foreach (string key in layers.Reverse().SelectMany(l => l.Fields.Fields.Keys).Distinct())
        {
            if (BuildStack(StackOf(layers, key), at.Child(key)) is { } value)
            {
                fields.Add(key, value);
            }
        }

        return new ConfigObject(fields, origin);
    }

    /// <summary>The value of a field or element; null when it is undefined.</summary>
    private ConfigValue? BuildStack(List<Contribution> stack, Position at)
    {
        var open = Cut(stack, at, includeBuilding: true);
        if (open.Count == 0)
        {
            throw Cycle(stack[0].Node, _building);
        }

        Enter(open[0].Node);
        int outer = _building.Count;
        try
        {
            while (true)
            {
                var shape = ShapeOf(open, out int used);
                var dynamic = open.Take(used).Select(c => c.Node).Where(IsDynamic).ToList();
                dynamic.ForEach(_building.Push);
                try
                {
                    return Build(shape, at, open[0].Node.Origin);
                }
                catch (HoconCycleException) when (TryUndefineOptional(dynamic))
                {
                    // The circle goes through an optional substitution of ours, which now counts as undefined.
                    _building.PopTo(outer);
                }
            }
        }
        finally
        {
            _building.PopTo(outer);
            _depth--;
        }
    }

    private static bool IsDynamic(Node node) => node is SubstitutionNode or ConcatenationNode;

    private ConfigValue? Build(Shape shape, Position at, ConfigOrigin origin) => shape switch
    {
        Shape.Whole { List: { } list } => new ConfigList(BuildItems(list), list.Origin),
        Shape.Whole whole => whole.Value,
        Shape.Fields fields => BuildFields(fields.Layers, at, origin),
        _ => null,
    };

    private List<ConfigValue> BuildItems(ListNode list)
    {
        var items = new List<ConfigValue>(list.Items.Count);
        foreach (var item in list.Items)
        {
            // An element has no path, so nothing can refer to its place: a new one for each visit does.
            var place = new Position();
            if (BuildStack([new Contribution(item, place)], place) is { } value)
            {
                items.Add(value);
            }
        }

        return items;
    }

    /// <summary>Makes one optional substitution of a failed value undefined; false when there is none left.</summary>
    private bool TryUndefineOptional(List<Node> nodes)
    {
        foreach (var node in nodes)
        {
            var pieces = node is ConcatenationNode concatenation ? concatenation.Pieces : [node];
            if (pieces.Find(p => p is SubstitutionNode { Optional: true } && _shapes[p] is not Shape.Undefined) is { } piece)
            {
                _shapes.Remove(node);
                _shapes[piece] = Shape.Undefined.Instance;
                return true;
            }
        }

        return false;
    }

    // ---- Phase 1: shapes

    /// <summary>The stack of a field: contributions of the literals, highest priority first.</summary>
    private static List<Contribution> StackOf(IReadOnlyList<Layer> layers, string key)
    {
        var stack = new List<Contribution>();
        foreach (var layer in layers)
        {
            if (layer.Fields.Fields.TryGetValue(key, out var definitions))
            {
                var home = layer.Home.Child(key);
                for (int i = definitions.Count - 1; i >= 0; i--)
                {
                    stack.Add(new Contribution(definitions[i], home));
                }
            }
        }

        return stack;
    }

    /// <summary>
    /// What is left of a stack when the definitions that are being evaluated, and what overrides them, are taken away.
    /// A definition that came in by substitution only overrides others of the same field.
    /// </summary>
    private List<Contribution> Cut(List<Contribution> stack, Position at, bool includeBuilding)
    {
        var left = stack;
        for (int i = 0; i < left.Count; i++)
        {
            var (node, home) = left[i];
            if (!_shaping.Contains(node) && !(includeBuilding && _building.Contains(node)))
            {
                continue;
            }

            int last = i;
            left = [.. left.Where((c, index) => index > last || (home != at && c.Home != home))];
            i = -1;
        }

        return left;
    }

    /// <summary>The shape of a stack.</summary>
    /// <param name="stack">Contributions, highest priority first.</param>
    /// <param name="used">How many of them, from the top, have a say in it.</param>
    private Shape ShapeOf(List<Contribution> stack, out int used)
    {
        List<Layer>? layers = null;
        for (used = 1; used <= stack.Count; used++)
        {
            switch (ShapeOf(stack[used - 1]))
            {
                case Shape.Whole whole:
                    return layers is null ? whole : new Shape.Fields(layers, Sealed: true);
                case Shape.Fields fields:
                    layers = [.. layers ?? [], .. fields.Layers];
                    if (fields.Sealed)
                    {
                        return new Shape.Fields(layers, Sealed: true);
                    }

                    break;
            }
        }

        used = stack.Count;
        return layers is null ? Shape.Undefined.Instance : new Shape.Fields(layers, Sealed: false);
    }

    private Shape ShapeOf(Contribution contribution) => contribution.Node switch
    {
        ScalarNode scalar => new Shape.Whole(scalar.Value, null),
        ListNode list => new Shape.Whole(null, list),
        ObjectNode fields => new Shape.Fields([new Layer(fields, contribution.Home)], Sealed: false),
        _ => DynamicShapeOf(contribution),
    };

    private Shape DynamicShapeOf(Contribution contribution)
    {
        var node = contribution.Node;
        if (_shapes.TryGetValue(node, out var known))
        {
            return known;
        }

        if (_shaping.Contains(node))
        {
            throw Cycle(node, _shaping);
        }

        Enter(node);
        int outer = _shaping.Count;
        _shaping.Push(node);
        try
        {
            return _shapes[node] = node is SubstitutionNode substitution
                ? Substitute(substitution)
                : Join((ConcatenationNode)node, contribution.Home);
        }
        finally
        {
            _shaping.PopTo(outer);
            _depth--;
        }
    }

    private Shape Substitute(SubstitutionNode substitution)
    {
        bool cut = false;
        try
        {
            foreach (string[] prefix in substitution.Bases)
            {
                var found = Find([.. prefix, .. substitution.Path], ref cut);
                if (found is not Shape.Undefined)
                {
                    return found;
                }
            }
        }
        catch (HoconCycleException) when (substitution.Optional)
        {
            return Shape.Undefined.Instance;
        }

        string name = string.Join('.', substitution.Path);
        if (!name.AsSpan().ContainsAny('\0', '=') && environment(name) is { } value)
        {
            var origin = new ConfigOrigin($"environment variable {name}", 0, 0);
            return new Shape.Whole(new ConfigScalar(ConfigKind.String, value, origin), null);
        }

        return substitution.Optional ? Shape.Undefined.Instance
            : cut ? throw Cycle(substitution, _shaping)
            : throw new HoconException(
                $"{substitution} has no value: nothing sets {ConfigPath.Render(substitution.Path)}, nor is there an " +
                $"environment variable of that name. Set it, or write ${{?...}} if it may be missing.",
                substitution.Origin);
    }

    private Shape Find(ReadOnlySpan<string> path, ref bool cut)
    {
        Shape current = new Shape.Fields([new Layer(root, _root)], Sealed: false);
        var at = _root;
        foreach (string key in path)
        {
            if (current is not Shape.Fields fields)
            {
                return Shape.Undefined.Instance;
            }

            at = at.Child(key);
            var stack = StackOf(fields.Layers, key);
            var open = Cut(stack, at, includeBuilding: false);
            cut |= open.Count < stack.Count;
            current = ShapeOf(open, out _);
        }

        return current;
    }

    // ---- Concatenation

    private Shape Join(ConcatenationNode concatenation, Position home)
    {
        var parts = new List<(Node Piece, Shape Shape)>();
        foreach (var piece in concatenation.Pieces)
        {
            var shape = piece is BlankNode ? Shape.Undefined.Instance : ShapeOf(new Contribution(piece, home));
            parts.Add((piece, shape));
        }

        var defined = parts.FindAll(p => p.Shape is not Shape.Undefined);
        if (defined.Count == 0)
        {
            return Shape.Undefined.Instance;
        }

        if (defined.Exists(p => KindOf(p.Shape) == ConfigKind.List))
        {
            var items = defined.SelectMany(p => ItemsOf(p.Piece, p.Shape, home)).ToList();
            return new Shape.Whole(new ConfigList(items, concatenation.Origin), null);
        }

        if (defined.Find(p => IsObject(p.Shape) != IsObject(defined[0].Shape)) is { Piece: { } stranger } other)
        {
            throw Concatenation.Mixed(KindOf(defined[0].Shape), KindOf(other.Shape), stranger.Origin);
        }

        return IsObject(defined[0].Shape)
            ? ShapeOfLayers(defined)
            : new Shape.Whole(JoinText(parts, concatenation.Origin), null);
    }

    private static bool IsObject(Shape shape) => shape is Shape.Fields;

    private static ConfigKind KindOf(Shape shape) => shape switch
    {
        Shape.Fields => ConfigKind.Object,
        Shape.Whole { Value: { } value } and not { Value: ConfigList } => value.Kind,
        _ => ConfigKind.List,
    };

    private static Shape.Fields ShapeOfLayers(List<(Node Piece, Shape Shape)> parts)
    {
        var layers = new List<Layer>();
        foreach (var fields in parts.Select(p => (Shape.Fields)p.Shape).Reverse())
        {
            layers.AddRange(fields.Layers);
            if (fields.Sealed)
            {
                return new Shape.Fields(layers, Sealed: true);
            }
        }

        return new Shape.Fields(layers, Sealed: false);
    }

    private IReadOnlyList<ConfigValue> ItemsOf(Node piece, Shape shape, Position home)
    {
        ConfigValue value;
        try
        {
            value = Build(shape, home, piece.Origin)!;
        }
        catch (HoconCycleException) when (piece is SubstitutionNode { Optional: true })
        {
            _shapes[piece] = Shape.Undefined.Instance;
            return [];
        }

        var list = value as ConfigList ?? (value as ConfigObject)?.ToList();
        return list?.Items ?? throw Concatenation.Mixed(ConfigKind.List, value.Kind, piece.Origin);
    }

    private static ConfigScalar JoinText(List<(Node Piece, Shape Shape)> parts, ConfigOrigin origin)
    {
        long length = parts.Sum(p => p.Shape is Shape.Whole { Value: { } v } ? v.Weight : 0);
        if (length > HoconLimits.MaxWeight)
        {
            throw new HoconException($"This text has more than {HoconLimits.MaxWeight} characters.", origin);
        }

        string text = string.Concat(parts.Select(p => p switch
        {
            (BlankNode blank, _) => blank.Text,
            (_, Shape.Whole { Value: ConfigScalar scalar }) => scalar.Text,
            _ => "",
        }));
        return new ConfigScalar(ConfigKind.String, text, origin);
    }

    // ---- Limits and errors

    private void Enter(Node node)
    {
        if (++_steps > HoconLimits.MaxResolveSteps)
        {
            throw new HoconException("Resolving the substitutions takes too many steps; use fewer.", node.Origin);
        }

        if (_depth == HoconLimits.MaxResolveDepth || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw new HoconException("Too many substitutions depend on each other in a row here.", node.Origin);
        }

        _depth++;
    }

    private static HoconCycleException Cycle(Node node, NodeStack chain) => new(
        $"This value depends on itself, and there is no earlier value to fall back on: {chain.Describe(node)}.",
        node.Origin);
}
