namespace GpuActors.Shared.Configuration.Hocon;

/// <summary>
/// Recursive-descent parser of one text. What it builds is merged as far as text alone allows; substitutions stay
/// as they are written, because they may refer to what other files say.
/// </summary>
internal sealed class DocumentParser
{
    private readonly TextCursor _cursor;
    private readonly IncludeReader _includes;
    private readonly string[][] _bases;

    // Keys from the document's root to the object being read; null inside of a list, which has no path.
    private List<string>? _path;
    private int _depth;

    private DocumentParser(TextCursor cursor, IncludeReader includes, string[][] bases)
    {
        _cursor = cursor;
        _includes = includes;
        _bases = bases;
        _path = [.. bases[0]];
        _depth = bases[0].Length;
    }

    /// <summary>Parses a whole text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="source">Its name in messages.</param>
    /// <param name="includes">Reads what it includes.</param>
    /// <param name="bases">See <see cref="SubstitutionNode.Bases"/>; the first is where this text's root goes.</param>
    public static ObjectNode Parse(string text, string source, IncludeReader includes, string[][] bases) =>
        new DocumentParser(new TextCursor(text, source), includes, bases).ParseRoot();

    private ObjectNode ParseRoot()
    {
        _cursor.SkipToContent();
        var root = new ObjectNode(_cursor.Here);
        if (_cursor.Peek() == '[')
        {
            throw _cursor.Error("A configuration must be an object at its root, not a list.");
        }

        bool braces = _cursor.Peek() == '{';
        if (braces)
        {
            ParseBraces(root);
            _cursor.SkipToContent();
        }
        else
        {
            ParseFields(root, closing: -1);
        }

        return _cursor.AtEnd
            ? root
            : throw _cursor.Error(
                _cursor.Peek() == '}'
                    ? "This } closes nothing."
                    : $"There must be nothing but comments after the root's closing brace, but here is {_cursor.Describe()}.");
    }

    private void ParseBraces(ObjectNode target)
    {
        var start = _cursor.Here;
        Descend(1, start);
        _cursor.Take();
        ParseFields(target, '}');
        Close('}', start);
        _depth--;
    }

    private void ParseFields(ObjectNode target, int closing)
    {
        _cursor.SkipToContent();
        while (!_cursor.AtEnd && _cursor.Peek() != closing && _cursor.Peek() != '}')
        {
            ParseField(target);
            SkipSeparator(closing, "field");
        }
    }

    private void ParseField(ObjectNode target)
    {
        if (AtInclude())
        {
            _cursor.Skip("include".Length);
            ParseInclude(target);
            return;
        }

        var start = _cursor.Here;
        if (_cursor.Peek() != '"' && !_cursor.AtUnquoted)
        {
            throw _cursor.Error(KeyExpected());
        }

        string[] keys = PathReader.Take(_cursor);
        _cursor.SkipToContent();
        bool append = TakeSeparator(keys, start);
        _cursor.SkipToContent();
        Descend(keys.Length, start);
        _path?.AddRange(keys);
        var parent = target.Open(keys.AsSpan(..^1), start);
        if (append)
        {
            Append(parent, keys[^1], start);
        }
        else
        {
            parent.Define(keys[^1], ParseValue());
        }

        _path?.RemoveRange(_path.Count - keys.Length, keys.Length);
        _depth -= keys.Length;
    }

    private string KeyExpected() => _cursor.Peek() switch
    {
        ',' => "There is a comma too many: commas stand between fields, and one may follow the last.",
        '$' => "A substitution cannot be part of a key.",
        '{' or '[' => "An object or a list cannot be a key.",
        _ => $"A key was expected, but here is {_cursor.Describe()}; quote the key if it contains it.",
    };

    /// <summary>Takes <c>:</c>, <c>=</c> or <c>+=</c>; in front of a brace there need not be one.</summary>
    private bool TakeSeparator(string[] keys, ConfigOrigin start)
    {
        if (_cursor.At("+="))
        {
            _cursor.Skip(2);
            return true;
        }

        if (_cursor.Peek() is ':' or '=')
        {
            _cursor.Take();
        }
        else if (_cursor.Peek() == '$')
        {
            throw _cursor.Error("A substitution cannot be part of a key; if this is the value, put = in front of it.");
        }
        else if (_cursor.Peek() != '{')
        {
            throw new HoconException(
                $"The key {ConfigPath.Render(keys)} must be followed by =, :, += or {{, but then comes " +
                $"{_cursor.Describe()}.",
                start);
        }

        return false;
    }

    /// <summary>
    /// <c>a += b</c> is <c>a = ${?a} [b]</c>. Where the elements so far and the new one are literal the list simply
    /// grows, which keeps a long row of <c>+=</c> from becoming a deep chain of substitutions.
    /// </summary>
    private void Append(ObjectNode parent, string key, ConfigOrigin origin)
    {
        var value = ParseInList(ParseValue);
        var definitions = parent.Definitions(key);
        var list = definitions.LastOrDefault() switch
        {
            ListNode last => last,
            ConcatenationNode { Pieces: [SubstitutionNode, ListNode last] } appended when IsSelf(appended) => last,
            _ => null,
        };
        if (value.IsLiteral && list is not null)
        {
            list.Items.Add(value);
            return;
        }

        var added = new ListNode([value], origin);
        if (_path is not null)
        {
            var self = new SubstitutionNode([.. _path], optional: true, [[]], origin);
            definitions.Add(new ConcatenationNode([self, added], origin));
        }
        else if (definitions.Count == 0)
        {
            definitions.Add(added);
        }
        else
        {
            // Inside of a list no path leads here, but what the field was so far stands right before us.
            definitions[^1] = new ConcatenationNode([definitions[^1], added], origin);
        }
    }

    private bool IsSelf(ConcatenationNode appended) =>
        _path is not null && appended.Pieces[0] is SubstitutionNode self && self.Path.SequenceEqual(_path);

    private Node ParseValue()
    {
        var start = _cursor.Here;
        var pieces = new List<Node>();
        while (true)
        {
            var blankOrigin = _cursor.Here;
            string blank = _cursor.TakeBlank();
            if (_cursor.AtEnd || _cursor.AtComment || _cursor.Peek() is '\n' or ',' or '}' or ']')
            {
                break;
            }

            if (blank.Length > 0 && pieces.Count > 0)
            {
                pieces.Add(new BlankNode(blank, blankOrigin));
            }

            pieces.Add(ParsePiece());
        }

        return pieces.Count switch
        {
            0 => throw _cursor.Error(
                $"A value was expected, but here is {_cursor.Describe()}; write \"\" for empty text."),
            1 => pieces[0],
            _ => Concatenation.OfPieces(pieces, start),
        };
    }

    private Node ParsePiece()
    {
        var start = _cursor.Here;
        switch (_cursor.Peek())
        {
            case '{':
                var fields = new ObjectNode(start);
                ParseBraces(fields);
                return fields;
            case '[':
                return ParseInList(ParseList);
            case '"':
                return new ScalarNode(new ConfigScalar(ConfigKind.String, QuotedText.Take(_cursor), start));
            case '$':
                return ParseSubstitution();
            default:
                string text = _cursor.TakeUnquoted(numbers: true);
                return text.Length > 0
                    ? new ScalarNode(new ConfigScalar(KindOf(text), text, start))
                    : throw _cursor.Error($"{_cursor.Describe()} cannot be part of unquoted text; quote the text.");
        }
    }

    private static ConfigKind KindOf(string text) => text switch
    {
        "true" or "false" => ConfigKind.Boolean,
        "null" => ConfigKind.Null,
        _ => TextCursor.IsNumber(text) ? ConfigKind.Number : ConfigKind.String,
    };

    private ListNode ParseList()
    {
        var start = _cursor.Here;
        Descend(1, start);
        _cursor.Take();
        var items = new List<Node>();
        _cursor.SkipToContent();
        while (!_cursor.AtEnd && _cursor.Peek() != ']')
        {
            if (_cursor.Peek() == ',')
            {
                throw _cursor.Error(
                    "There is a comma too many: commas stand between elements, and one may follow the last.");
            }

            items.Add(ParseValue());
            SkipSeparator(']', "element");
        }

        Close(']', start);
        _depth--;
        return new ListNode(items, start);
    }

    private T ParseInList<T>(Func<T> parse)
        where T : Node
    {
        var outer = _path;
        _path = null;
        var parsed = parse();
        _path = outer;
        return parsed;
    }

    /// <summary>After a field or element: a newline, a comma with or without newlines, or the end.</summary>
    private void SkipSeparator(int closing, string what)
    {
        bool newline = _cursor.SkipToContent();
        if (_cursor.Peek() == ',')
        {
            _cursor.Take();
            _cursor.SkipToContent();
        }
        else if (!newline && !_cursor.AtEnd && _cursor.Peek() != closing && _cursor.Peek() != '}')
        {
            throw _cursor.Error(
                $"After this {what} a comma, a newline or the end was expected, but here is {_cursor.Describe()}.");
        }
    }

    private SubstitutionNode ParseSubstitution()
    {
        var start = _cursor.Here;
        if (!_cursor.At("${"))
        {
            throw _cursor.Error("A $ must begin a substitution such as ${path}; quote the text if it is meant as text.");
        }

        _cursor.Skip(2);
        bool optional = _cursor.Peek() == '?';
        if (optional)
        {
            _cursor.Take();
        }

        string[] path = PathReader.Take(_cursor);
        if (_cursor.Peek() != '}')
        {
            throw new HoconException(
                $"This substitution must be closed with }} on its line, but then comes {_cursor.Describe()}.", start);
        }

        _cursor.Take();
        return new SubstitutionNode(path, optional, _bases, start);
    }

    /// <summary>The word <c>include</c>, unquoted and alone, at the start of a key.</summary>
    private bool AtInclude()
    {
        const string word = "include";
        if (!_cursor.At(word))
        {
            return false;
        }

        int next = _cursor.Peek(word.Length);
        return next < 0 || TextCursor.IsWhitespace((char)next) || next is '"' or ':' or '=' or '+' or '{';
    }

    private void ParseInclude(ObjectNode target)
    {
        var request = IncludeSyntax.Take(_cursor);
        if (_path is null)
        {
            throw new HoconException("An include cannot stand inside of a list.", request.Origin);
        }

        // What the file's substitutions say is relative to where it is included, then to where this one was, ...
        string[] here = [.. _path];
        string[][] bases = here.SequenceEqual(_bases[0]) ? _bases : [here, .. _bases];
        _includes.Read(request, bases, target);
    }

    private void Close(char expected, ConfigOrigin start)
    {
        if (_cursor.Peek() != expected)
        {
            string opened = expected == '}' ? "{" : "[";
            throw _cursor.AtEnd
                ? new HoconException($"This {opened} is never closed.", start)
                : _cursor.Error($"{expected} was expected to close the {opened} of line {start.Line}, but here is " +
                    $"{_cursor.Describe()}.");
        }

        _cursor.Take();
    }

    private void Descend(int levels, ConfigOrigin origin)
    {
        _depth += levels;
        if (_depth > HoconLimits.MaxDepth)
        {
            throw new HoconException(
                $"Objects and lists are more than {HoconLimits.MaxDepth} deep here; nest them less.", origin);
        }
    }
}
