using System.Text;

namespace GpuActors.Shared.Configuration;

/// <summary>Writes values as text that parses to the same values.</summary>
public static class HoconRenderer
{
    /// <summary>The value as JSON, which is HOCON too, indented by two spaces.</summary>
    public static string Render(ConfigValue value)
    {
        var text = new StringBuilder();
        Append(text, value, indent: 0);
        return text.Append('\n').ToString();
    }

    private static void Append(StringBuilder text, ConfigValue value, int indent)
    {
        switch (value)
        {
            case ConfigObject o:
                AppendBlock(text, '{', o.Fields, '}', indent, field =>
                {
                    Hocon.QuotedText.Append(text, field.Key);
                    text.Append(": ");
                    Append(text, field.Value, indent + 1);
                });
                break;
            case ConfigList list:
                AppendBlock(text, '[', list.Items, ']', indent, item => Append(text, item, indent + 1));
                break;
            case ConfigScalar { Kind: ConfigKind.String } scalar:
                Hocon.QuotedText.Append(text, scalar.Text);
                break;
            case ConfigScalar scalar:
                text.Append(scalar.Text);
                break;
        }
    }

    private static void AppendBlock<T>(
        StringBuilder text, char open, IEnumerable<T> items, char close, int indent, Action<T> append)
    {
        text.Append(open);
        bool any = false;
        foreach (var item in items)
        {
            text.Append(any ? ",\n" : "\n").Append(' ', 2 * (indent + 1));
            append(item);
            any = true;
        }

        if (any)
        {
            text.Append('\n').Append(' ', 2 * indent);
        }

        text.Append(close);
    }
}
