using System.Text;
using FsCheck;
using FsCheck.Fluent;
using GpuActors.Shared.Configuration;

namespace GpuActors.Shared.Tests.Configuration.Hocon;

/// <summary>What holds for all texts and values.</summary>
public class HoconProperties
{
    private static readonly ConfigOrigin Nowhere = new("generated", 1, 1);

    private static Gen<string> Text => Gen.OneOf(
        Gen.Elements("", "a", "a b", "true", "null", "1.5", "${x}", "include", "a.b", "#", "//", "\"\"\"", "\\", "\n", "é😀"),
        ArbMap.Default.GeneratorFor<NonNull<string>>().Select(s => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(s.Get))));

    private static Gen<ConfigValue> Value(int depth)
    {
        var scalar = Gen.OneOf(
            Text.Select(ConfigValue (t) => new ConfigScalar(ConfigKind.String, t, Nowhere)),
            Gen.Choose(-1000, 1000).Select(ConfigValue (n) => new ConfigScalar(ConfigKind.Number, $"{n}", Nowhere)),
            Gen.Elements("1e5", "-0.25", "1E+10").Select(ConfigValue (n) => new ConfigScalar(ConfigKind.Number, n, Nowhere)),
            Gen.Elements("true", "false").Select(ConfigValue (b) => new ConfigScalar(ConfigKind.Boolean, b, Nowhere)),
            Gen.Constant<ConfigValue>(new ConfigScalar(ConfigKind.Null, "null", Nowhere)));
        return depth == 0
            ? scalar
            : Gen.OneOf(
                scalar,
                Value(depth - 1).ListOf().Select(ConfigValue (items) => new ConfigList([.. items.Take(4)], Nowhere)),
                Object(depth - 1).Select(ConfigValue (o) => o));
    }

    private static Gen<ConfigObject> Object(int depth) =>
        Text.SelectMany(key => Value(depth).Select(value => (key, value))).ListOf().Select(fields =>
        {
            var unique = new OrderedDictionary<string, ConfigValue>();
            foreach (var (key, value) in fields.Take(5))
            {
                unique[key] = value;
            }

            return new ConfigObject(unique, Nowhere);
        });

    [Fact]
    public void What_is_rendered_reads_as_the_same_value() =>
        Prop.ForAll(Object(3).ToArbitrary(), written =>
                HoconAssert.Resolve(HoconRenderer.Render(written)).Root.SameAs(written))
            .QuickCheckThrowOnFailure();

    [Fact]
    public void Rendering_is_stable() =>
        Prop.ForAll(Object(3).ToArbitrary(), written =>
                HoconRenderer.Render(HoconAssert.Resolve(HoconRenderer.Render(written)).Root)
                == HoconRenderer.Render(written))
            .QuickCheckThrowOnFailure();

    [Fact]
    public void Random_bytes_are_read_or_refused_with_a_place() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes => ReadsOrRefuses(bytes ?? []))
            .Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(1000));

    [Fact]
    public void Random_pieces_of_the_language_are_read_or_refused_with_a_place()
    {
        string[] pieces =
        [
            "a", "b", "c.d", "1", "-", "1.5e+3", " ", "\n", ",", "=", ":", "+=", "{", "}", "[", "]", "${a}", "${?b}",
            "${c.d}", "${", "$", "\"", "\"\"\"", "\"x\"", "\\", "#", "//", "include", "include \"x\"", "true", "null",
            ".", "..", "\u00A0", "\uFEFF", "\0", "\uD800",
        ];
        var text = Gen.Elements(pieces).ArrayOf().Select(string.Concat);

        Prop.ForAll(text.ToArbitrary(), generated => ReadsOrRefuses(() => HoconAssert.Resolve(generated)))
            .Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(2000).WithEndSize(60));
    }

    [Fact]
    public void Random_documents_of_substitutions_are_resolved_or_refused_with_a_place()
    {
        var value = Gen.Elements(
            "1", "x", "[1]", "{ a = 1 }", "${a}", "${b}", "${?a}", "${?b}", "${a.b}", "${?a.b}", "${c}", "[${a}]",
            "[${?b}]", "{ b = ${a} }", "{ a = ${?b} }", "{ b = ${?a.b} }", "null");
        var field = Gen.Elements("a", "b", "c", "a.a", "a.b", "b.a").SelectMany(key =>
            Gen.Elements(" = ", " += ").SelectMany(sign =>
                value.ArrayOf(2).Select(pair => $"{key}{sign}{string.Join(' ', pair)}\n").Or(
                value.Select(one => $"{key}{sign}{one}\n"))));

        Prop.ForAll(field.ArrayOf().Select(string.Concat).ToArbitrary(), text =>
                ReadsOrRefuses(() => HoconAssert.Resolve(text)))
            .Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(2000).WithEndSize(12));
    }

    private static bool ReadsOrRefuses(byte[] bytes) =>
        ReadsOrRefuses(() => HoconParser.ParseUtf8(bytes).Resolve(_ => null));

    private static bool ReadsOrRefuses(Action read)
    {
        try
        {
            read();
            return true;
        }
        catch (HoconException e)
        {
            return e.Line > 0 && e.Column > 0 && e.Message.StartsWith($"text:{e.Line}:{e.Column}: ") && e.Message.EndsWith('.');
        }
    }
}
