using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using GpuActors.Client.Tests;
using GpuActors.Shared.Api;
using GpuActors.Shared.Devices;
using GpuActors.Shared.Security;
using static GpuActors.Client.Tests.Answers;

namespace GpuActors.Shell.Tests;

public sealed class OtherCommandTests : ShellFixture
{
    private const string Secret = "correct horse battery staple";

    private static readonly SliceStatus Slice = new()
    {
        Id = "h/0/s1", Host = "h", Gpu = "h/0", Session = "acme/j1", MemoryBytes = 1 << 30, ComputePercent = 25, Epoch = 7,
    };

    private static readonly GpuStatus Gpu = new()
    {
        Id = "h/0", Host = "h", Name = "pthread", Model = "A30", Presented = true, Mode = GpuMode.VgpuMixed,
        MemoryTotalBytes = 4L << 30, MemoryFreeBytes = 3L << 30, ComputeTotalPercent = 100, ComputeFreePercent = 75, Slices = [Slice],
    };

    private static readonly HostStatus Host = new()
    {
        Name = "h", State = HostState.Draining, Address = "127.0.0.1:4711", Gpus = [Gpu], Lease = new HostLease(3, DateTimeOffset.UnixEpoch),
    };

    private static readonly HostStatus Known = Host with
    {
        Cores = 8, CoresFree = 1.5, MemoryTotalBytes = 32L << 30, MemoryFreeBytes = 12L << 30, Rack = "r1",
        Labels = new Dictionary<string, string> { ["tier"] = "gold", ["disk"] = "nvme" },
    };

    [Fact]
    public async Task Hosts_gpus_slices_and_status_are_listed()
    {
        Server.On("GET /v1/hosts", Json(new HostList { Hosts = [Host] }, ApiJsonContext.Default.HostList));
        Server.On("GET /v1/hosts/h", Json(Host, ApiJsonContext.Default.HostStatus));
        Server.On("GET /v1/gpus", Json(new GpuList { Gpus = [Gpu] }, ApiJsonContext.Default.GpuList));
        Server.On("GET /v1/slices", Json(new SliceList { Slices = [Slice] }, ApiJsonContext.Default.SliceList));
        Server.On("GET /v1/status", Json(
            new ClusterStatus
            {
                Version = "1.2", Gpus = 1, Hosts = new Dictionary<HostState, int> { [HostState.Up] = 2 },
                Jobs = new Dictionary<JobState, long> { [JobState.Queued] = 5 },
            },
            ApiJsonContext.Default.ClusterStatus));

        var result = await Shell.RunAsync(
            "host list\nhost show h\ngpu list\nslice list\ncluster status\n" +
            "host list --json\nhost show h --json\ngpu list --json\nslice list --json\ncluster status --json\n", []);

        result.ExitCode.ShouldBe(0, result.Error);
        result.Lines.ShouldContain(l => l.StartsWith("h     draining") && l.Contains("3 GiB") && l.EndsWith("127.0.0.1:4711"));
        result.Out.ShouldContain("epoch 3, until 1970-01-01 00:00:00Z");
        result.Lines.ShouldContain(l => l.StartsWith("h/0  A30 (presented)  pthread  vgpu-mixed"));
        result.Lines.ShouldContain(l => l.StartsWith("h/0/s1  acme/j1  fraction   1 GiB"));
        result.Out.ShouldMatch(@"Hosts: +2 up\n");
        result.Out.ShouldMatch(@"Jobs: +5 Queued\n");
        result.Out.ShouldContain("\"mode\": \"vgpu-mixed\"");
        result.Out.ShouldContain("\"Queued\": 5");
    }

    [Fact]
    public async Task A_host_shows_what_it_has_beside_GPUs()
    {
        Server.On("GET /v1/hosts", Json(new HostList { Hosts = [Known, Host with { Name = "old" }] }, ApiJsonContext.Default.HostList));
        Server.On("GET /v1/hosts/h", Json(Known, ApiJsonContext.Default.HostStatus));
        Server.On("GET /v1/hosts/old", Json(Host with { Name = "old" }, ApiJsonContext.Default.HostStatus));

        var result = await Shell.RunAsync("host list\nhost show h\nhost show old\nhost show h --json\n", []);

        result.ExitCode.ShouldBe(0, result.Error);
        result.Out.ShouldMatch(@"(?i)Cores free +Cores +Memory free +Memory +Rack +Address");
        result.Out.ShouldMatch(@"h +draining .* 1\.5 +8 +12 GiB +32 GiB +r1 +127\.0\.0\.1:4711");
        result.Out.ShouldMatch(@"Rack: +r1\nLabels: +disk=nvme\n +tier=gold\nCores: +1\.5 free of 8\nMemory: +12 GiB free of 32 GiB\n");
        result.Out.Split("Cores:").Length.ShouldBe(2, "of an old worker's host nothing is known");
        result.Out.ShouldContain("\"coresFree\": 1.5");
        result.Out.ShouldContain("\"disk\": \"nvme\"");
    }

    [Fact]
    public async Task Empty_lists_have_their_headings_only()
    {
        Server.On("GET /v1/hosts", Json(new HostList(), ApiJsonContext.Default.HostList));

        (await Shell.RunAsync("host", "list")).Out.ShouldMatch("^HOST  STATE  .*\n$");
    }

    [Fact]
    public async Task A_blob_goes_up_and_comes_down()
    {
        byte[] content = RandomNumberGenerator.GetBytes(3000);
        string hash = Convert.ToHexStringLower(SHA256.HashData(content));
        await File.WriteAllBytesAsync(Path.Combine(Shell.Folder, "in.bin"), content);
        Server.On($"PUT /v1/blobs/{hash}", Json(new BlobInfo { Sha256 = hash, Size = 3000 }, ApiJsonContext.Default.BlobInfo, 201));
        Server.On($"GET /v1/blobs/{hash}", Ranged(content));

        var put = await Shell.RunAsync("blob", "put", "in.bin");
        var get = await Shell.RunAsync("blob", "get", hash, "--to", "out.bin", "--json");
        var piped = await Shell.RunAsync("blob", "get", hash);

        put.Out.ShouldBe(hash + "\n");
        Server.To($"PUT /v1/blobs/{hash}").Single().Body.ShouldBe(content);
        (await File.ReadAllBytesAsync(Path.Combine(Shell.Folder, "out.bin"))).ShouldBe(content);
        JsonDocument.Parse(get.Out).RootElement.GetProperty("size").GetInt32().ShouldBe(3000);
        piped.OutBytes.ShouldBe(content);
    }

    [Fact]
    public async Task A_ticket_is_signed_with_the_clusters_secret()
    {
        string file = Shell.Write("secret", Secret);
        var authority = new TicketAuthority(ClusterSecret.FromText(Secret), TimeProvider.System);

        var tenant = await Shell.RunAsync("ticket", "create", "--tenant", "acme", "--secret-file", "secret", "--subject", "ci");
        var boss = await Shell.Set("GPUACTORS_CLUSTER_SECRET_FILE", file)
            .RunAsync("ticket", "create", "--role", "operator", "--lifetime", "7d", "--json");

        var ticket = authority.Verify(tenant.Out.Trim()).Ticket.ShouldNotBeNull();
        (ticket.Tenant, ticket.Role, ticket.Subject).ShouldBe(("acme", TicketRole.Tenant, "ci"));
        (ticket.ExpiresAt - ticket.NotBefore).ShouldBe(TimeSpan.FromHours(8));
        string operators = JsonDocument.Parse(boss.Out).RootElement.GetProperty("ticket").GetString()!;
        authority.Verify(operators).Ticket.ShouldNotBeNull().Role.ShouldBe(TicketRole.Operator);
        Server.Received.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("ticket create", "--tenant NAME says whose")]
    [InlineData("ticket create --tenant a/b", "--tenant NAME says whose")]
    [InlineData("ticket create --tenant acme", "give --secret-file FILE")]
    [InlineData("ticket create --tenant acme --secret-file nope", "cannot be read")]
    [InlineData("ticket create --tenant acme --secret-file short", "has 5 bytes, but at least 16 are needed")]
    [InlineData("ticket create --tenant acme --lifetime 5x", "--lifetime 5x must be a time from 1s")]
    [InlineData("ticket create --tenant acme --role boss", "'operator'")]
    public async Task A_ticket_that_cannot_be_made_exits_with_2(string line, string words)
    {
        Shell.Write("short", "abcde");

        var result = await Shell.RunAsync(line.Split(' '));

        result.ExitCode.ShouldBe(2);
        result.Error.ShouldContain(words);
        result.Error.ShouldNotContain("abcde");
    }

    [Fact]
    public async Task Nothing_is_drawn_when_nobody_looks()
    {
        Server.On("GET /v1/gpus", Json(new GpuList { Gpus = [Gpu] }, ApiJsonContext.Default.GpuList));

        var result = await Shell.RunAsync("gpu", "list");

        Encoding.UTF8.GetString(result.OutBytes).ShouldAllBe(c => c < 127 && (c >= ' ' || c == '\n'));
    }
}
