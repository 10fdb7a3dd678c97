using System.CommandLine;
using System.Text.Json.Nodes;
using GpuActors.Shared.Configuration;
using GpuActors.Shared.Jobs;
using GpuActors.Shared.Security;
using GpuActors.Shell.Output;

namespace GpuActors.Shell.Commands;

/// <summary><c>pbm ticket create</c>: needs the cluster's secret, and no cluster.</summary>
internal static class TicketCommands
{
    private const string SecretVariable = "GPUACTORS_CLUSTER_SECRET";
    private const string FileVariable = SecretVariable + "_FILE";

    private static readonly string[] Roles = ["tenant", "operator", "worker", "monitor"];

    public static void AddTo(CommandTree tree)
    {
        var group = tree.AddGroup("ticket", "Tickets that say who may do what.");
        var role = new Option<string>("--role")
        {
            Description = "tenant (its own jobs), operator (everything), worker, or monitor (metrics only).",
            DefaultValueFactory = _ => Roles[0],
            HelpName = "ROLE",
        };
        role.AcceptOnlyFromAmong(Roles);
        var subject = new Option<string?>("--subject") { Description = "Who it is for, in logs.", HelpName = "NAME" };
        var lifetime = new Option<string>("--lifetime")
        {
            Description = "How long it is valid, such as 30m, 8h or 7d.",
            DefaultValueFactory = _ => "8h",
            HelpName = "TIME",
        };
        var secretFile = new Option<string?>("--secret-file")
        {
            Description = $"File with the cluster's secret. Default: {FileVariable}, then {SecretVariable}.",
            HelpName = "FILE",
        };
        tree.Add(group, "create", "Make a ticket, where the cluster's secret is.", call =>
        {
            var request = new Request(
                call.Parsed.GetRequiredValue(role),
                call.Parsed.GetValue(subject),
                call.Parsed.GetRequiredValue(lifetime),
                call.Parsed.GetValue(secretFile));
            Create(call, request);
            return Task.FromResult(ExitCodes.Ok);
        }, role, subject, lifetime, secretFile);
    }

    private static void Create(CommandCall call, Request request)
    {
        var role = Enum.Parse<TicketRole>(request.Role, ignoreCase: true);
        string tenant = TenantOf(call, role);
        var lifetime = LifetimeOf(request.Lifetime);
        var authority = new TicketAuthority(SecretOf(call, request.SecretFile), call.Environment.Time);
        string ticket = authority.Issue(
            request.Subject ?? call.Environment.Variable("USER") ?? tenant, tenant, role, lifetime);
        if (call.Results.Json)
        {
            call.Results.WriteLine(new JsonObject
            {
                ["ticket"] = ticket,
                ["tenant"] = tenant,
                ["role"] = request.Role,
                ["expiresAt"] = Words.Time(call.Environment.Time.GetUtcNow() + lifetime),
            }.ToJsonString());
        }
        else
        {
            call.Results.WriteLine(ticket);
        }
    }

    private static string TenantOf(CommandCall call, TicketRole role)
    {
        string? tenant = call.Tenant ?? (role == TicketRole.Tenant ? null : $"{role}s".ToLowerInvariant());
        return tenant is not null && Names.IsId(tenant)
            ? tenant
            : throw new UsageException("--tenant NAME says whose ticket it is: 1 to 100 letters, digits, . _ and -.");
    }

    private static TimeSpan LifetimeOf(string text)
    {
        return Units.TryParseTimeSpan(text, out var value) && value >= TimeSpan.FromSeconds(1) && value <= TimeSpan.FromDays(3660)
            ? value
            : throw new UsageException($"--lifetime {text} must be a time from 1s to 3660d, such as 30m, 8h or 7d.");
    }

    private static ClusterSecret SecretOf(CommandCall call, string? file)
    {
        file ??= call.Environment.Variable(FileVariable);
        return file is { Length: > 0 }
            ? ClusterSecret.FromFile(Path.Combine(call.Environment.WorkingFolder, file))
            : ClusterSecret.FromText(
                call.Environment.Variable(SecretVariable) is { Length: > 0 } text ? text : throw new UsageException(
                    $"A ticket is signed with the cluster's secret: give --secret-file FILE, or set {FileVariable} or " +
                    $"{SecretVariable}."),
                $"The secret in {SecretVariable}");
    }

    private sealed record Request(string Role, string? Subject, string Lifetime, string? SecretFile);
}
