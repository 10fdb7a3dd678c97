using System.CommandLine;

namespace GpuActors.Shell.Commands;

/// <summary>Options that every command takes.</summary>
internal sealed class GlobalOptions
{
    public Option<string[]> Server { get; } = new("--server")
    {
        Description = "Address of a scheduler, http://HOST:PORT; several are tried in turn. Default: GPUACTORS_SERVER, " +
            "then .gpuactors/connection.json here, above, or at home.",
        Recursive = true,
        HelpName = "URL",
    };

    public Option<string?> Ticket { get; } = new("--ticket")
    {
        Description = "The ticket to show. Default: GPUACTORS_TICKET, then the same file.",
        Recursive = true,
        HelpName = "TICKET",
    };

    public Option<string?> Tenant { get; } = new("--tenant")
    {
        Description = "The tenant to act for; only operators may name another than their own.",
        Recursive = true,
        HelpName = "NAME",
    };

    public Option<bool> Json { get; } = new("--json") { Description = "Write results as JSON.", Recursive = true };

    public void AddTo(Command root)
    {
        root.Add(Server);
        root.Add(Ticket);
        root.Add(Tenant);
        root.Add(Json);
    }
}
