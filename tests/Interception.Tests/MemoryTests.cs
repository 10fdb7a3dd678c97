using GpuActors.Interception.Tests.Hosting;

namespace GpuActors.Interception.Tests;

/// <summary>Buffers, images, samplers, transfers and maps: programs that must behave as on the machine's own OpenCL.</summary>
[Collection(SessionTests.Name)]
public sealed class MemoryTests(SessionFixture session)
{
    [Theory]
    [InlineData("buffers", "0")]
    [InlineData("buffers", "1")]
    [InlineData("maps", "")]
    [InlineData("images", "")]
    [InlineData("large_images", "0")]
    [InlineData("large_images", "1")]
    [InlineData("memory_errors", "")]
    public async Task A_program_has_the_same_results_and_codes_as_on_the_device_itself(string name, string argument)
    {
        string program = await ProgramRun.CompileAsync(name);

        ProgramResult remote = await session.RunAsync(program, [argument]);

        ProgramResult native = await SessionFixture.RunNativelyAsync(program, argument);
        remote.ExitCode.ShouldBe(0, remote.ToString());
        remote.Output.ShouldBe(native.Output, remote.Errors);
    }

    [Theory]
    [InlineData("memory_codes")]
    [InlineData("standard_codes")]
    public async Task Codes_are_those_of_the_standard_where_the_device_gives_others(string name)
    {
        ProgramResult result = await session.RunAsync(await ProgramRun.CompileAsync(name), []);

        result.ExitCode.ShouldBe(0, result.ToString());
        result.Output.ShouldEndWith("done\n");
    }

    [Theory]
    [InlineData("memory")]
    [InlineData("unix")]
    [InlineData("tcp")]
    public async Task Threads_find_every_byte_where_they_put_it(string transport)
    {
        string program = await ProgramRun.CompileAsync("memory_threads");

        for (var run = 0; run < 5; run++)
        {
            ProgramResult result = await session.RunAsync(program, [], variables: SessionFixture.Over(transport));
            result.ExitCode.ShouldBe(0, result.ToString());
        }
    }
}
