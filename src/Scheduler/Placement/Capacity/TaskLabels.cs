namespace GpuActors.Scheduler.Placement.Capacity;

/// <summary>The labels of a task, each <c>KEY=VALUE</c>. Equal sets are equal.</summary>
public sealed class TaskLabels : IEquatable<TaskLabels>
{
    private readonly string[] _labels;

    private TaskLabels(string[] labels) => _labels = labels;

    /// <summary>No labels.</summary>
    public static TaskLabels None { get; } = new([]);

    /// <summary>The labels, sorted.</summary>
    public IReadOnlyList<string> All => _labels;

    /// <summary>These labels.</summary>
    public static TaskLabels Of(params IEnumerable<string> labels) =>
        labels.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray() is { Length: > 0 } sorted
            ? new(sorted) : None;

    /// <inheritdoc/>
    public bool Equals(TaskLabels? other) => other is not null && _labels.AsSpan().SequenceEqual(other._labels);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as TaskLabels);

    /// <inheritdoc/>
    public override int GetHashCode() => _labels.Length == 0 ? 0 : string.GetHashCode(_labels[0], StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => string.Join(", ", _labels);
}
