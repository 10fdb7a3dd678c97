using System.Text;
using System.Text.Json.Nodes;

namespace GpuActors.Shared.Tests.Jobs;

/// <summary>Spoils documents, at random, from a seed.</summary>
internal sealed class DocumentMutation(int seed)
{
    private static readonly string[] Values =
    [
        "null", "true", "false", "0", "-1", "1.5", "1e300", "99999999999999999999", "\"\"", "\"x\"", "\"100%\"",
        "\"1 / 0\"", "\"i\"", "\"18446744073709551615 * 18446744073709551615\"", "\"4KiB\"", "\"b0\"", "\"10s\"", "[]",
        "[1]", "[[]]", "{}", """{ "int": 1 }""", """{ "float4": [1, 2, 3, 4] }""", """{ "text": "" }""",
        """{ "local": 0 }""",
        """{ "repeat": { "count": 1e9, "steps": [{ "release": "x" }] } }""", "\"a\\nb\"", "\"x\\n\"",
    ];

    private static readonly string[] Fields =
        ["x", "", "size", "from", "whole", "text", "steps", "counter", "local", "$schema", "a/b~c"];

    private readonly Random _random = new(seed);

    /// <summary>Changes, adds or removes values; the result is JSON.</summary>
    public byte[] ChangeValues(byte[] json)
    {
        var document = JsonNode.Parse(json)!;
        for (var i = _random.Next(1, 4); i > 0; i--)
        {
            Change(Parents(document).ToArray());
        }

        return Encoding.UTF8.GetBytes(document.ToJsonString());
    }

    /// <summary>Changes, adds or removes bytes; the result may be anything.</summary>
    public byte[] ChangeBytes(byte[] json)
    {
        var bytes = json.ToList();
        for (var i = _random.Next(1, 6); i > 0 && bytes.Count > 0; i--)
        {
            var at = _random.Next(bytes.Count);
            switch (_random.Next(4))
            {
                case 0:
                    bytes[at] = (byte)_random.Next(256);
                    break;
                case 1:
                    bytes.RemoveRange(at, Math.Min(_random.Next(1, 20), bytes.Count - at));
                    break;
                case 2:
                    bytes.Insert(at, (byte)"{}[]\",:0-\\eu."[_random.Next(13)]);
                    break;
                default:
                    bytes.InsertRange(at, bytes.Slice(at, Math.Min(_random.Next(1, 50), bytes.Count - at)));
                    break;
            }
        }

        return [.. bytes];
    }

    private void Change(JsonNode[] parents)
    {
        var parent = parents[_random.Next(parents.Length)];
        var value = JsonNode.Parse(Values[_random.Next(Values.Length)]);
        if (parent is JsonArray array)
        {
            ChangeItem(array, value);
        }
        else
        {
            ChangeField(parent.AsObject(), value);
        }
    }

    private void ChangeItem(JsonArray array, JsonNode? value)
    {
        if (array.Count == 0 || _random.Next(4) == 0)
        {
            array.Add(value);
        }
        else if (_random.Next(4) == 0)
        {
            array.RemoveAt(_random.Next(array.Count));
        }
        else
        {
            array[_random.Next(array.Count)] = value;
        }
    }

    private void ChangeField(JsonObject parent, JsonNode? value)
    {
        var name = parent.Count == 0 || _random.Next(4) == 0
            ? Fields[_random.Next(Fields.Length)]
            : parent.ElementAt(_random.Next(parent.Count)).Key;
        if (_random.Next(4) == 0)
        {
            parent.Remove(name);
        }
        else
        {
            parent[name] = value;
        }
    }

    private static IEnumerable<JsonNode> Parents(JsonNode? node) => node switch
    {
        JsonArray array => array.SelectMany(Parents).Prepend(array),
        JsonObject fields => fields.Select(field => field.Value).SelectMany(Parents).Prepend(fields),
        _ => [],
    };
}
