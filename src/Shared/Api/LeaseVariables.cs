namespace GpuActors.Shared.Api;

/// <summary>
/// The variables by which a program that was started without <c>pbm run</c> asks for GPUs. They are named as the options of
/// <c>pbm run</c>: <c>GPUACTORS_FRACTION</c> is <c>--fraction</c>, <c>GPUACTORS_TIME_LIMIT</c> is <c>--time-limit</c>.
/// </summary>
public static class LeaseVariables
{
    private const string Prefix = "GPUACTORS_";
    private const char ListSeparator = ',';
    private const string Whole = "whole";

    /// <summary>One of these, or <c>WHOLE</c>, says how much, and so that something is asked for at all.</summary>
    private static readonly string[] Sizes = ["fraction", "memory", "profile"];

    private static readonly string[] Lists = ["model", "filter"];

    private static readonly string[] Others =
        ["count", "pool", "priority", "queue", "time-limit", "idle-limit", "wait"];

    /// <summary>The options that the variables stand for.</summary>
    /// <param name="variable">The value of a variable; null: it is not set.</param>
    /// <returns>Words of a command line; null: nothing is asked for.</returns>
    public static IReadOnlyList<string>? OptionsOf(Func<string, string?> variable)
    {
        List<string> options = [.. Sizes.SelectMany(Option)];
        if (Value(Whole) is { } whole && whole.ToLowerInvariant() is not ("0" or "false" or "no"))
        {
            options.Add($"--{Whole}");
        }

        return options.Count == 0 ? null : [.. options, .. Lists.SelectMany(Options), .. Others.SelectMany(Option)];

        string? Value(string name) =>
            variable(Prefix + name.ToUpperInvariant().Replace('-', '_'))?.Trim() is { Length: > 0 } value ? value : null;

        // One word each: a value is never taken for an option.
        IEnumerable<string> Option(string name) => Value(name) is { } value ? [$"--{name}={value}"] : [];

        IEnumerable<string> Options(string name) => (Value(name) ?? "")
            .Split(ListSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(value => $"--{name}={value}");
    }
}
