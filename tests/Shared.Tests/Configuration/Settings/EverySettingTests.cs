using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using GpuActors.Shared.Configuration;
using GpuActors.Shared.Configuration.Settings;

namespace GpuActors.Shared.Tests.Configuration.Settings;

/// <summary>No setting is documented without effect: each key reaches a property, and each property the programs.</summary>
public sealed class EverySettingTests
{
    private const string Secret = "gpuactors.security.cluster-secret = \"0123456789abcdef0123456789abcdef\"";

    /// <summary>Settings whose value is a file that is read at once, or that stay hidden.</summary>
    private static readonly string[] NotShown =
    [
        "gpuactors.security.cluster-secret", "gpuactors.security.cluster-secret-file",
        "gpuactors.persistence.postgresql.password", "gpuactors.persistence.postgresql.password-file",
    ];

    public static TheoryData<string> Keys()
    {
        var keys = new TheoryData<string>();
        foreach (var key in Leaves("", Load().Root).Where(k => k.StartsWith("gpuactors.", StringComparison.Ordinal)))
        {
            keys.Add(key);
        }

        return keys;
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void Another_value_makes_another_setting_or_is_refused(string key)
    {
        if (NotShown.Contains(key))
        {
            return;
        }

        string[] ground = key.StartsWith("gpuactors.remoting.tls.", StringComparison.Ordinal)
            ? ["gpuactors.remoting.tls { enabled = true, certificate = a, key = b, ca = c }"]
            : key.StartsWith("gpuactors.persistence.postgresql.", StringComparison.Ordinal)
            ? ["gpuactors.persistence { store = postgresql, postgresql.connection-string = \"Host=h;Database=d\" }"]
            : [];
        var before = Show(Load(ground));
        foreach (var value in OthersThan(Load(ground).Root, key))
        {
            try
            {
                if (Show(Load([.. ground, $"{key} = {value}"])) != before)
                {
                    return;
                }
            }
            catch (ConfigException e)
            {
                e.Message.ShouldContain("gpuactors.");
                return;
            }
        }

        throw new Xunit.Sdk.XunitException($"{key} is in reference.conf, but no other value changes any setting.");
    }

    [Fact]
    public void Every_setting_is_used_by_a_program()
    {
        var source = new StringBuilder();
        var folder = Path.Combine(RepositoryRoot(), "src");
        foreach (var file in Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories))
        {
            if (!file.Contains("/Configuration/Settings/", StringComparison.Ordinal))
            {
                source.Append(File.ReadAllText(file));
            }
        }

        var used = Regex.Matches(source.ToString(), @"(?:\.|\b)([A-Z][A-Za-z]+)\b").Select(m => m.Groups[1].Value).ToHashSet();
        var unused = SettingsTypes()
            .SelectMany(type => type.GetProperties().Where(p => p.Name != "EqualityContract"))
            .Where(property => !used.Contains(property.Name) && !UsedByOwnMethods.Contains(property.Name))
            .Select(property => $"{property.DeclaringType!.Name}.{property.Name}");
        unused.ShouldBeEmpty();
    }

    /// <summary>Read through <see cref="DeviceSettings.Offers"/>, <see cref="DeviceSettings.ModelFor"/> and the like.</summary>
    private static readonly string[] UsedByOwnMethods = ["Only", "Except", "Presented", "Pattern", "Model", "NvLinkGroups"];

    private static IEnumerable<Type> SettingsTypes() => typeof(SchedulerSettings).Assembly.GetExportedTypes()
        .Where(type => type.Namespace == typeof(SchedulerSettings).Namespace);

    private static IEnumerable<string> Leaves(string prefix, ConfigObject at)
    {
        foreach (var (name, value) in at.Fields)
        {
            var path = prefix + name;
            foreach (var leaf in value is ConfigObject below ? Leaves(path + ".", below) : [path])
            {
                yield return leaf;
            }
        }
    }

    private static string[] OthersThan(ConfigObject root, string key)
    {
        root.TryFind(key.Split('.'), out var value).ShouldBeTrue(key);
        if (value is ConfigList)
        {
            return ["[\"other:1\"]", "[\"http://other:1\"]"];
        }

        var text = value is ConfigScalar { Kind: not ConfigKind.Null } scalar ? scalar.Text : "";
        var number = Regex.Match(text, "^[0-9]+");
        var unit = text[number.Length..];
        return number.Success && Regex.IsMatch(unit, "^[A-Za-z]*$")
            ? [$"{int.Parse(number.Value) + 1}{unit}", $"{int.Parse(number.Value) / 2}{unit}"]
            : text is "true" or "false" ? [text == "true" ? "false" : "true"] : ["other", "spread"];
    }

    private static string Show(Config config)
    {
        var text = new StringBuilder();
        Show(text, SchedulerSettings.From(config));
        Show(text, WorkerSettings.From(config));
        Show(text, ClientSettings.From(config));
        return text.ToString();
    }

    private static void Show(StringBuilder text, object? value)
    {
        switch (value)
        {
            case System.Collections.IEnumerable items and not string:
                foreach (var item in items)
                {
                    Show(text, item);
                }

                break;
            case not null when value.GetType().Namespace == typeof(SchedulerSettings).Namespace:
                foreach (var property in value.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
                {
                    text.Append(property.Name).Append('=');
                    Show(text, property.GetValue(value));
                }

                break;
            default:
                text.Append(value).Append('\n');
                break;
        }
    }

    private static Config Load(params string[] overrides) =>
        ConfigurationFactory.Load([], [Secret, .. overrides], _ => null);

    private static string RepositoryRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "GpuActors.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder.ShouldNotBeNull();
    }
}
