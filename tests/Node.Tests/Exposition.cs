using System.Globalization;
using System.Text;

namespace GpuActors.Node.Tests;

/// <summary>A number of a metric as a scraper reads it.</summary>
public sealed record ScrapedSample(string Name, IReadOnlyDictionary<string, string> Labels, double Value);

/// <summary>
/// Prometheus' text format, version 0.0.4, as a strict scraper reads it: what does not belong there fails the test.
/// </summary>
public sealed class Exposition
{
    private readonly Dictionary<string, string> _types = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _helps = new(StringComparer.Ordinal);
    private readonly List<ScrapedSample> _samples = [];
    private readonly HashSet<string> _seriesSeen = new(StringComparer.Ordinal);
    private readonly HashSet<string> _finished = new(StringComparer.Ordinal);
    private string? _family;

    public IReadOnlyDictionary<string, string> Types => _types;

    public IReadOnlyDictionary<string, string> Helps => _helps;

    public IReadOnlyList<ScrapedSample> Samples => _samples;

    public static Exposition Parse(string text)
    {
        var parsed = new Exposition();
        text.ShouldEndWith("\n");
        foreach (var line in text[..^1].Split('\n'))
        {
            parsed.Read(line);
        }

        return parsed;
    }

    /// <summary>The numbers of that name, with all of these labels.</summary>
    public IEnumerable<ScrapedSample> Of(string name, params (string Name, string Value)[] labels) => _samples.Where(sample =>
        sample.Name == name && labels.All(label => sample.Labels.GetValueOrDefault(label.Name) == label.Value));

    public double Value(string name, params (string Name, string Value)[] labels)
    {
        var found = Of(name, labels).ToArray();
        found.Length.ShouldBe(1, $"numbers of {name}, of these metrics: {string.Join(", ", _types.Keys)}");
        return found[0].Value;
    }

    private void Read(string line)
    {
        var words = line.Split(' ', 4);
        if (words is ["#", "HELP", var helped, var help])
        {
            Begin(helped);
            _helps.TryAdd(helped, help).ShouldBeTrue(line);
        }
        else if (words is ["#", "TYPE", var typed, var type])
        {
            Begin(typed);
            type.ShouldBeOneOf("counter", "gauge", "histogram", "summary");
            _types.TryAdd(typed, type).ShouldBeTrue(line);
        }
        else
        {
            ReadSample(line);
        }
    }

    private void Begin(string family)
    {
        if (_family != family)
        {
            _finished.Add(family).ShouldBeTrue($"the lines of {family} are not together");
        }

        _family = family;
    }

    private void ReadSample(string line)
    {
        var at = 0;
        while (at < line.Length && (char.IsAsciiLetterOrDigit(line[at]) || line[at] is '_' or ':'))
        {
            at++;
        }

        var name = line[..at];
        name.ShouldNotBeEmpty(line);
        char.IsAsciiDigit(name[0]).ShouldBeFalse(line);
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        if (line[at] == '{')
        {
            at = ReadLabels(line, at + 1, labels);
        }

        line[at].ShouldBe(' ', line);
        var value = line[(at + 1)..] switch
        {
            "+Inf" => double.PositiveInfinity,
            "-Inf" => double.NegativeInfinity,
            "NaN" => double.NaN,
            var number => double.Parse(number, NumberStyles.Float, CultureInfo.InvariantCulture),
        };
        string[] suffixes = ["", "_bucket", "_sum", "_count"];
        suffixes.ShouldContain(suffix => name == _family + suffix, $"{line} is not below its own TYPE");
        _seriesSeen.Add(line[..at]).ShouldBeTrue($"twice: {line}");
        _samples.Add(new ScrapedSample(name, labels, value));
    }

    private static int ReadLabels(string line, int at, Dictionary<string, string> labels)
    {
        while (line[at] != '}')
        {
            var equals = line.IndexOf("=\"", at, StringComparison.Ordinal);
            var name = line[at..equals];
            name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_').ShouldBeTrue(line);
            (name.Length > 0 && !char.IsAsciiDigit(name[0])).ShouldBeTrue(line);
            var value = new StringBuilder();
            at = equals + 2;
            for (; line[at] != '"'; at++)
            {
                value.Append(line[at] != '\\' ? line[at] : line[++at] switch
                {
                    'n' => '\n',
                    '"' => '"',
                    '\\' => '\\',
                    _ => throw new FormatException(line),
                });
            }

            labels.TryAdd(name, value.ToString()).ShouldBeTrue($"label {name} twice: {line}");
            at += line[at + 1] == ',' ? 2 : 1;
        }

        return at + 1;
    }
}
