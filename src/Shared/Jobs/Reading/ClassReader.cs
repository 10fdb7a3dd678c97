namespace GpuActors.Shared.Jobs.Reading;

/// <summary>Reads <c>class</c>.</summary>
internal static class ClassReader
{
    public const string Normal = "normal";
    public const string Scavenger = "scavenger";

    public static JobClass Read(JsonValue? value) =>
        value?.Text(text => text is Normal or Scavenger, "\"normal\" or \"scavenger\"") == Scavenger
            ? JobClass.Scavenger
            : JobClass.Normal;
}
