using System.Text;
using GpuActors.Shared.Commands;

namespace GpuActors.Worker.Tests.Pool;

/// <summary>Runs one kernel <c>k(global uint *out)</c> on a session's command stream.</summary>
internal static class KernelRun
{
    private const ulong Context = 1;
    private const ulong Queue = 2;
    private const ulong Program = 3;
    private const ulong Kernel = 4;
    private const ulong Buffer = 5;

    public const string Square = "kernel void k(global uint *out) { uint i = get_global_id(0); out[i] = i * i; }";
    public const string Spin =
        "kernel void k(global uint *out) { volatile global uint *p = out; while (p[0] == 0) p[1]++; out[2] = 1; }";
    public const string Wild = "kernel void k(global uint *out) { out[1ul << 40] = 1; }";

    /// <summary>Builds the program and launches it over <paramref name="items"/>; returns before it has run.</summary>
    public static async Task LaunchAsync(CommandConnection stream, string source, int items)
    {
        var text = Encoding.UTF8.GetBytes(source);
        await stream.SendAsync(new CreateContext(Context, new IdList(stream.Welcome.Devices[0].Id)));
        await stream.SendAsync(new CreateQueue(Queue, Context, stream.Welcome.Devices[0].Id));
        await stream.SendAsync(new CreateProgramWithSource(Program, Context, (ulong)text.Length), text);
        var build = await stream.RequestAsync(new BuildProgram(Program));
        build.Code.ShouldBe(OpenClErrors.Success, build.Log);
        await stream.SendAsync(new CreateKernel(Kernel, Program, "k"));
        await stream.SendAsync(new CreateBuffer(Buffer, Context, (ulong)items * sizeof(uint)));
        await stream.SendAsync(new LaunchKernel(
            Queue, Kernel, 1, new WorkSize((ulong)items), new ArgumentList([KernelArgument.Memory(Buffer)])));
        await stream.SendAsync(new Flush(Queue));
        await stream.FlushAsync();
    }

    /// <summary>Builds the program under an id of its own; returns what the compiler says when it fails.</summary>
    public static async Task<string> BuildAsync(CommandConnection stream, string source, ulong number)
    {
        var text = Encoding.UTF8.GetBytes(source);
        if (number == 0)
        {
            await stream.SendAsync(new CreateContext(Context, new IdList(stream.Welcome.Devices[0].Id)));
        }

        var program = 1000 + number;
        await stream.SendAsync(new CreateProgramWithSource(program, Context, (ulong)text.Length), text);
        var build = await stream.RequestAsync(new BuildProgram(program));
        return build.Code == OpenClErrors.Success ? "" : $"{OpenClErrors.Name(build.Code)} {build.Log}";
    }

    /// <summary>What the buffer holds once all that was launched has run.</summary>
    public static async Task<uint[]> ReadAsync(CommandConnection stream, int items)
    {
        var bytes = new byte[items * sizeof(uint)];
        await stream.ReadAsync(new ReadBuffer(Queue, Buffer, 0, (ulong)bytes.Length), bytes).WithDeadline("a result");
        var values = new uint[items];
        System.Buffer.BlockCopy(bytes, 0, values, 0, bytes.Length);
        return values;
    }

    /// <summary>A new buffer's content, of a session that has run nothing.</summary>
    public static async Task<uint[]> ReadFreshBufferAsync(CommandConnection stream, int items)
    {
        await stream.SendAsync(new CreateContext(Context, new IdList(stream.Welcome.Devices[0].Id)));
        await stream.SendAsync(new CreateQueue(Queue, Context, stream.Welcome.Devices[0].Id));
        await stream.SendAsync(new CreateBuffer(Buffer, Context, (ulong)items * sizeof(uint)));
        return await ReadAsync(stream, items);
    }
}
