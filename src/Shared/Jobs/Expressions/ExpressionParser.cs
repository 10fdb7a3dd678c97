using System.Globalization;

namespace GpuActors.Shared.Jobs.Expressions;

/// <summary>
/// Reads an expression by recursive descent:
/// <code>
/// shift   = sum { ("&lt;&lt;" | "&gt;&gt;") sum }
/// sum     = product { ("+" | "-") product }
/// product = sign { ("*" | "/" | "%") sign }
/// sign    = "-" sign | atom
/// atom    = number [ unit ] | name | ("min" | "max") "(" shift "," shift ")" | "sizeof" "(" type ")" | "(" shift ")"
/// </code>
/// The length limit bounds the depth of the recursion.
/// </summary>
internal ref struct ExpressionParser
{
    private readonly ReadOnlySpan<char> _text;
    private int _position;

    private ExpressionParser(ReadOnlySpan<char> text) => _text = text;

    /// <exception cref="ExpressionException">Not an expression; the message says where and why.</exception>
    public static ExpressionNode Parse(string text)
    {
        if (text.Length > JobLimits.ExpressionLength)
        {
            throw new ExpressionException($"an expression has at most {JobLimits.ExpressionLength} characters");
        }

        var parser = new ExpressionParser(text);
        var node = parser.Shift();
        parser.SkipSpace();
        return parser._position == text.Length ? node : throw parser.Unexpected("an operator or the end");
    }

    private ExpressionNode Shift()
    {
        var left = Sum();
        while (true)
        {
            if (TryTake("<<"))
            {
                left = new BinaryNode("<<", left, Sum());
            }
            else if (TryTake(">>"))
            {
                left = new BinaryNode(">>", left, Sum());
            }
            else
            {
                return left;
            }
        }
    }

    private ExpressionNode Sum()
    {
        var left = Product();
        while (TryTakeAny("+-") is { } sign)
        {
            left = new BinaryNode(sign, left, Product());
        }

        return left;
    }

    private ExpressionNode Product()
    {
        var left = Sign();
        while (TryTakeAny("*/%") is { } sign)
        {
            left = new BinaryNode(sign, left, Sign());
        }

        return left;
    }

    private ExpressionNode Sign() => TryTake("-") ? new NegationNode(Sign()) : Atom();

    private ExpressionNode Atom()
    {
        if (TryTake("("))
        {
            var inner = Shift();
            Take(")");
            return inner;
        }

        SkipSpace();
        if (_position < _text.Length && (char.IsAsciiDigit(_text[_position]) || _text[_position] == '.'))
        {
            return NumberLiteral.Read(_text, ref _position);
        }

        var name = Word();
        if (name.Length == 0)
        {
            throw Unexpected("a number, a name or '('");
        }

        return name switch
        {
            "min" or "max" => Call(name),
            "sizeof" => SizeOf(),
            _ => new NameNode(name),
        };
    }

    private BinaryNode Call(string name)
    {
        Take("(");
        var first = Shift();
        Take(",");
        var second = Shift();
        Take(")");
        return new BinaryNode(name, first, second);
    }

    private IntegerNode SizeOf()
    {
        Take("(");
        var name = Word();
        if (!OpenClType.TryParse(name, out var type))
        {
            throw new ExpressionException($"sizeof takes an OpenCL C type such as float or int4, not '{name}'");
        }

        Take(")");
        return new IntegerNode(type.SizeBytes, $"sizeof({name})");
    }

    private string Word()
    {
        SkipSpace();
        var start = _position;
        while (_position < _text.Length && (char.IsAsciiLetterOrDigit(_text[_position]) || _text[_position] == '_'))
        {
            _position++;
        }

        return _text[start.._position].ToString();
    }

    private string? TryTakeAny(string signs)
    {
        SkipSpace();
        if (_position == _text.Length || !signs.Contains(_text[_position]))
        {
            return null;
        }

        return _text[_position++].ToString();
    }

    private bool TryTake(string sign)
    {
        SkipSpace();
        if (!_text[_position..].StartsWith(sign, StringComparison.Ordinal))
        {
            return false;
        }

        _position += sign.Length;
        return true;
    }

    private void Take(string sign)
    {
        if (!TryTake(sign))
        {
            throw Unexpected($"'{sign}'");
        }
    }

    private void SkipSpace()
    {
        while (_position < _text.Length && _text[_position] == ' ')
        {
            _position++;
        }
    }

    private readonly ExpressionException Unexpected(string expected)
    {
        var column = (_position + 1).ToString(CultureInfo.InvariantCulture);
        return new ExpressionException(_position >= _text.Length
            ? $"the expression ends where {expected} was expected"
            : $"'{_text[_position]}' at character {column} where {expected} was expected");
    }
}
