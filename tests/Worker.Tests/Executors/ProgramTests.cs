using System.Text;
using GpuActors.Shared.Commands;

namespace GpuActors.Worker.Tests.Executors;

[Collection(ExecutorCollection.Name)]
public class ProgramTests(ExecutorFixture fixture)
{
    private const string Twice = "kernel void twice(global int* a) { a[get_global_id(0)] *= 2; }";

    [Fact]
    public async Task A_program_is_compiled_with_headers_and_linked()
    {
        await using TestSession session = await fixture.OpenAsync();
        ulong header = await session.ProgramAsync("int triple(int x);\n#define ADDED 5\n");
        ulong main = await session.ProgramAsync(
            "#include \"inc/triple.h\"\nkernel void f(global int* a) { a[0] = triple(a[0]) + ADDED; }");
        ulong library = await session.ProgramAsync("int triple(int x) { return 3 * x; }");

        BuildResult compiled = await session.AskAsync(new CompileProgram(main, "", header, "inc/triple.h"));
        compiled.Succeeded.ShouldBeTrue(compiled.Log);
        (await session.AskAsync(new CompileProgram(library, "", default))).Succeeded.ShouldBeTrue();
        ulong linked = session.NewId();
        BuildResult link = await session.AskAsync(
            new LinkProgram(linked, TestSession.Context, "", new[] { main, library }));
        link.Succeeded.ShouldBeTrue(link.Log);

        ulong kernel = session.NewId();
        ulong buffer = await session.BufferOfAsync(7);
        await session.SendAsync(new CreateKernel(kernel, linked, "f"));
        await session.LaunchAsync(kernel, 1, KernelArgument.Memory(buffer));
        (await session.ReadAsync<int>(buffer, 1)).ShouldBe([26]);
    }

    [Fact]
    public async Task A_binary_can_be_loaded_again_and_still_knows_its_arguments()
    {
        await using TestSession session = await fixture.OpenAsync();
        ulong program = await session.ProgramAsync(Twice);
        (await session.AskAsync(new BuildProgram(program))).Succeeded.ShouldBeTrue();
        byte[] binary = await BinaryAsync(session, program);

        ulong loaded = session.NewId();
        await session.SendAsync(
            new CreateProgramWithBinary(loaded, TestSession.Context, (ulong)binary.Length), binary);
        BuildResult built = await session.AskAsync(new BuildProgram(loaded));
        built.Succeeded.ShouldBeTrue(built.Log);
        ulong kernel = session.NewId();
        ulong buffer = await session.BufferOfAsync(21);
        await session.SendAsync(new CreateKernel(kernel, loaded, "twice"));
        await session.LaunchAsync(kernel, 1, KernelArgument.Memory(buffer));

        (await session.ReadAsync<int>(buffer, 1)).ShouldBe([42]);
    }

    [Theory]
    [InlineData(0, "not a program binary")]
    [InlineData(8, "another device or driver")]
    [InlineData(100, "checksum")]
    public async Task A_binary_that_was_not_made_here_is_refused_before_the_driver_sees_it(int damagedByte, string reason)
    {
        await using TestSession session = await fixture.OpenAsync();
        ulong program = await session.ProgramAsync(Twice);
        (await session.AskAsync(new BuildProgram(program))).Succeeded.ShouldBeTrue();
        byte[] binary = await BinaryAsync(session, program);
        binary[damagedByte] ^= 1;

        await session.SendAsync(
            new CreateProgramWithBinary(session.NewId(), TestSession.Context, (ulong)binary.Length), binary);

        CommandException failure = await session.FailureAsync();
        failure.Code.ShouldBe(OpenClErrors.InvalidBinary);
        failure.Detail.ShouldContain(reason);
    }

    [Fact]
    public async Task The_tenants_next_session_finds_the_program_built()
    {
        const string Tenant = "builder";
        string source = $"// {Guid.NewGuid()}\n{Twice}";
        ulong hits;
        await using (TestSession first = await fixture.OpenAsync(Tenant))
        {
            await first.KernelAsync(source, "twice");
            hits = await first.QueryAsync(SessionInfo.ProgramCacheHits);
        }

        await using TestSession second = await fixture.OpenAsync(Tenant);
        ulong kernel = await second.KernelAsync(source, "twice");
        ulong buffer = await second.BufferAsync(4);
        await second.LaunchAsync(kernel, 1, KernelArgument.Memory(buffer));

        (await second.ReadAsync<int>(buffer, 1)).ShouldBe([8]);
        (await second.QueryAsync(SessionInfo.ProgramCacheHits)).ShouldBe(hits + 1);
    }

    [Theory]
    [InlineData("-cl-std=CL2.0", false)]
    [InlineData("-cl-std=CL3.0", false)]
    [InlineData("-cl-std=CL1.2", true)]
    [InlineData("-DX=1", true)]
    public async Task Only_programs_that_cannot_keep_state_are_cached(string options, bool isCached)
    {
        await using TestSession session = await fixture.OpenAsync();
        string source = $"// {Guid.NewGuid()}\n{Twice}";
        ulong first = await session.ProgramAsync(source);
        ulong second = await session.ProgramAsync(source);
        ulong hits = await session.QueryAsync(SessionInfo.ProgramCacheHits);

        BuildResult built = await session.AskAsync(new BuildProgram(first, options));
        await session.AskAsync(new BuildProgram(second, options));

        built.Succeeded.ShouldBe(built.Succeeded || !isCached); // a device may not know the newer languages
        (await session.QueryAsync(SessionInfo.ProgramCacheHits) - hits).ShouldBe(isCached ? 1UL : 0UL);
    }

    [Fact]
    public async Task Sources_beyond_the_sessions_limit_are_refused()
    {
        await using TestSession session = await fixture.OpenAsync();
        byte[] big = Encoding.UTF8.GetBytes(new string(' ', ProtocolLimits.MaxSourceBytes));
        for (var i = 0; i < 4; i++)
            await session.SendAsync(new CreateProgramWithSource(session.NewId(), TestSession.Context, (ulong)big.Length), big);
        await session.FenceAsync();

        await session.ProgramAsync("kernel void one_too_many() { }");

        (await session.FailureAsync()).Code.ShouldBe(OpenClErrors.SessionLimit);
    }

    private static async Task<byte[]> BinaryAsync(TestSession session, ulong program)
    {
        // The size is in the program's properties (CL_PROGRAM_BINARY_SIZES) plus the wrapper's header.
        Info info = await session.AskAsync(new Query(QueryKind.Program, program));
        ulong size = BitConverter.ToUInt64(info.Find(0x1165)!.Value.Span);
        return await session.ReadDataAsync(new GetProgramBinary(program), (int)size + 48);
    }
}
