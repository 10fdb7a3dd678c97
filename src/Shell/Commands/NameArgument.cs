using System.CommandLine;

namespace GpuActors.Shell.Commands;

/// <summary>An argument whose possible values the cluster, or this machine's folders, can tell for completion.</summary>
internal sealed class NameArgument : Argument<string>
{
    public NameArgument(string name, string description)
        : base(name)
    {
        Description = description;
        HelpName = name.ToUpperInvariant();
    }

    /// <summary>The values to offer for a command line so far; null when none can be told.</summary>
    public Func<CommandCall, string, Task<IEnumerable<string>>>? SuggestAsync { get; init; }
}
