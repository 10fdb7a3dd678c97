using GpuActors.Worker.Executors.Pool;

namespace GpuActors.Worker.Tests.Pool;

/// <summary>Compiled kernels on disk. What the driver (PoCL) writes for a kernel ends in <c>.so</c>.</summary>
public sealed class KernelFolderTests
{
    [Fact]
    public async Task A_tenants_next_process_finds_the_kernel_compiled_and_another_tenants_compiles_its_own()
    {
        await using var fixture = PoolFixture.Create(s => s with { MaxSessionsPerExecutor = 1 });
        var acmes = await SquareAsync(fixture, "acme");
        var compiled = KernelsOf(fixture, acmes.Folder);
        compiled.ShouldNotBeEmpty();

        var next = await SquareAsync(fixture, "acme");
        next.ProcessId.ShouldNotBe(acmes.ProcessId);
        next.Folder.ShouldBe(acmes.Folder);
        KernelsOf(fixture, acmes.Folder).ShouldBe(compiled); // none is new, none was written again

        // What another tenant finds in its way there must not be what it runs.
        foreach (var kernel in compiled)
        {
            await File.WriteAllTextAsync(kernel.Path, "not a shared object");
        }

        var zeniths = await SquareAsync(fixture, "zenith");
        zeniths.Folder.ShouldNotBe(acmes.Folder);
        KernelsOf(fixture, zeniths.Folder).Length.ShouldBe(compiled.Length);
        KernelsOf(fixture, acmes.Folder).ShouldAllBe(kernel => kernel.Bytes == "not a shared object".Length);
    }

    /// <summary>PoCL fails builds when two processes fill the same entry of its cache (pocl/pocl issue 1480).</summary>
    [Fact]
    public async Task Executors_of_a_tenant_build_the_same_program_at_the_same_time()
    {
        const int executors = 4;
        const int programs = 12;
        await using var fixture = PoolFixture.Create();
        var sessions = await Task.WhenAll(Enumerable.Range(0, executors).Select(_ => fixture.AcquireAsync("acme")));
        for (var program = 0; program < programs; program++)
        {
            var source = KernelRun.Square.Replace("i * i", $"i * i + {program}u");
            var numbers = await Task.WhenAll(sessions.Select(session => KernelRun.BuildAsync(session.Connection, source, (ulong)program)));
            numbers.ShouldAllBe(log => log == "");
        }

        await Task.WhenAll(sessions.Select(session => session.DisposeAsync().AsTask()));
    }

    [Fact]
    public async Task An_executor_that_serves_nobody_yet_sees_no_tenants_kernels()
    {
        await using var fixture = PoolFixture.Create(s => s with { PrestartPerDevice = 1 });
        await SquareAsync(fixture, "acme");
        await Deadlines.Until(() => fixture.Pool.ReadyCount == 1, "an executor is ready");

        var links = LinksIn(fixture).Select(Path.GetFileName).ToArray();

        links.Length.ShouldBe(2);
        links.Count(target => target == "warm-up").ShouldBe(1);
    }

    [Fact]
    public async Task An_executor_whose_tenants_kernels_are_too_many_is_replaced_by_one_that_starts_with_none()
    {
        await using var fixture = PoolFixture.Create(s => s with
        {
            MaxKernelBytes = 1, KernelCheckInterval = TimeSpan.FromTicks(1),
        });
        var first = await SquareAsync(fixture, "acme");
        await Deadlines.Until(() => !Deadlines.IsListed(first.ProcessId), "the executor is gone");
        await Deadlines.Until(() => !Directory.Exists(first.Folder), "its tenant's kernels are gone");

        (await SquareAsync(fixture, "acme")).Folder.ShouldNotBe(first.Folder);
    }

    [Fact]
    public void The_kernels_of_the_tenant_that_was_away_longest_are_deleted_first()
    {
        using var root = new TemporaryFolder();
        var folders = new KernelFolders(root.Path, maxBytes: 250);
        var first = Fill(folders.Take("first"), 100);
        var second = Fill(folders.Take("second"), 100);
        var third = Fill(folders.Take("third"), 100);
        folders.Return(first);
        folders.Return(second);
        folders.Return(folders.Take("first")); // back, and gone again: now second was away longest

        folders.Prune();

        Directory.Exists(first.Path).ShouldBeTrue();
        Directory.Exists(second.Path).ShouldBeFalse();
        Directory.Exists(third.Path).ShouldBeTrue();
        folders.Take("second").Path.ShouldNotBe(second.Path);
    }

    [Fact]
    public void A_folder_in_use_is_closed_first_and_deleted_with_its_last_process()
    {
        using var root = new TemporaryFolder();
        var folders = new KernelFolders(root.Path, maxBytes: 250);
        var small = Fill(folders.Take("small"), 100);
        var large = Fill(folders.Take("large"), 200);
        folders.Take("large").ShouldBe(large);

        folders.Prune();

        small.IsClosed.ShouldBeFalse();
        large.IsClosed.ShouldBeTrue();
        folders.Take("large").ShouldNotBe(large);
        folders.Return(large);
        Directory.Exists(large.Path).ShouldBeTrue();
        folders.Return(large);
        Directory.Exists(large.Path).ShouldBeFalse();
    }

    private static async Task<(int ProcessId, string Folder)> SquareAsync(PoolFixture fixture, string tenant)
    {
        await using var session = await fixture.AcquireAsync(tenant);
        await KernelRun.LaunchAsync(session.Connection, KernelRun.Square, 4);
        (await KernelRun.ReadAsync(session.Connection, 4)).ShouldBe([0u, 1u, 4u, 9u]);
        var seen = LinksIn(fixture).Where(target => !target.EndsWith("warm-up", StringComparison.Ordinal)).ToArray();
        await session.ReleaseAsync();
        return (session.ProcessId, seen.ShouldHaveSingleItem());
    }

    /// <summary>Where the links of the processes that are there lead.</summary>
    private static string[] LinksIn(PoolFixture fixture) =>
    [
        .. Directory.GetDirectories(fixture.Folder).Where(folder => Path.GetFileName(folder) != "kernels")
            .Select(folder => new DirectoryInfo(Path.Combine(folder, "kernels")).LinkTarget).OfType<string>(),
    ];

    private static (string Path, DateTime Written, long Bytes)[] KernelsOf(PoolFixture fixture, string folder)
    {
        folder.ShouldStartWith(fixture.Folder);
        return
        [
            .. new DirectoryInfo(folder).EnumerateFiles("*.so", SearchOption.AllDirectories)
                .OrderBy(file => file.FullName, StringComparer.Ordinal)
                .Select(file => (file.FullName, file.LastWriteTimeUtc, file.Length)),
        ];
    }

    private static KernelFolder Fill(KernelFolder folder, int bytes)
    {
        File.WriteAllBytes(Path.Combine(folder.Path, "kernel"), new byte[bytes]);
        return folder;
    }

    private sealed class TemporaryFolder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("gak-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
