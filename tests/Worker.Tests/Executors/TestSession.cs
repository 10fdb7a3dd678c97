using System.Runtime.InteropServices;
using System.Text;
using GpuActors.Shared.Commands;
using GpuActors.Worker.Executors.Pool;

namespace GpuActors.Worker.Tests.Executors;

/// <summary>A session as tests use it: ids are handed out, waits have deadlines.</summary>
public sealed class TestSession(ExecutorSession session, Heard heard) : IAsyncDisposable
{
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    public const ulong Context = 1;
    public const ulong Queue = 2;

    private ulong _lastId = 100;

    public ExecutorSession Session { get; } = session;

    public Heard Heard { get; } = heard;

    public ulong Device => Session.Connection.Welcome.Devices[0].Id;

    public ulong NewId() => ++_lastId;

    public async Task StartAsync()
    {
        await SendAsync(new CreateContext(Context, Device));
        await SendAsync(new CreateQueue(Queue, Context, Device));
    }

    public async Task<ulong> SendAsync<T>(T command)
        where T : struct, ICommand => await Session.Connection.SendAsync(command).AsTask().WaitAsync(Deadline);

    public async Task<ulong> SendAsync<T>(T command, byte[] data)
        where T : struct, ICarriesData => await Session.Connection.SendAsync(command, data).AsTask().WaitAsync(Deadline);

    public Task<TReply> AskAsync<TReply>(ICommand<TReply> command)
        where TReply : struct, IFrameBody<TReply> => Session.Connection.RequestAsync(command).WaitAsync(Deadline);

    /// <summary>The error that the next fence reports: the first since the last one.</summary>
    public async Task<CommandException> FailureAsync() =>
        await Should.ThrowAsync<CommandException>(AskAsync(default(Fence)));

    public Task FenceAsync() => AskAsync(default(Fence));

    public async Task<ulong> ProgramAsync(string source)
    {
        ulong id = NewId();
        byte[] text = Encoding.UTF8.GetBytes(source);
        await SendAsync(new CreateProgramWithSource(id, Context, (ulong)text.Length), text);
        return id;
    }

    public async Task<ulong> KernelAsync(string source, string name)
    {
        ulong program = await ProgramAsync(source);
        BuildResult built = await AskAsync(new BuildProgram(program));
        built.Succeeded.ShouldBeTrue(built.Log);
        ulong kernel = NewId();
        await SendAsync(new CreateKernel(kernel, program, name));
        return kernel;
    }

    public async Task<ulong> BufferAsync(ulong bytes, MemFlags flags = MemFlags.ReadWrite)
    {
        ulong id = NewId();
        await SendAsync(new CreateBuffer(id, Context, bytes, flags));
        return id;
    }

    public async Task<ulong> BufferOfAsync<T>(params T[] content)
        where T : unmanaged
    {
        ulong id = NewId();
        byte[] bytes = MemoryMarshal.AsBytes<T>(content).ToArray();
        await SendAsync(new CreateBuffer(id, Context, (ulong)bytes.Length, DataBytes: (ulong)bytes.Length), bytes);
        return id;
    }

    public async Task WriteAsync<T>(Enqueue enqueue, ulong buffer, ulong offset, params T[] content)
        where T : unmanaged
    {
        byte[] bytes = MemoryMarshal.AsBytes<T>(content).ToArray();
        await SendAsync(new WriteBuffer(enqueue, buffer, offset, (ulong)bytes.Length), bytes);
    }

    public async Task<T[]> ReadAsync<T>(ulong buffer, int count, ulong offset = 0, Enqueue? enqueue = null)
        where T : unmanaged
    {
        var bytes = new byte[count * Marshal.SizeOf<T>()];
        var command = new ReadBuffer(enqueue ?? Queue, buffer, offset, (ulong)bytes.Length);
        await Session.Connection.ReadAsync(command, bytes).WaitAsync(Deadline);
        return MemoryMarshal.Cast<byte, T>(bytes).ToArray();
    }

    public async Task<byte[]> ReadDataAsync(ICommand<Done> command, int bytes)
    {
        var data = new byte[bytes];
        await Session.Connection.ReadAsync(command, data).WaitAsync(Deadline);
        return data;
    }

    public Task<ulong> LaunchAsync(ulong kernel, ulong items, params KernelArgument[] arguments) =>
        SendAsync(new LaunchKernel(Queue, kernel, 1, new WorkSize(items), arguments));

    public async Task<ulong> QueryAsync(SessionInfo name)
    {
        Info info = await AskAsync(new Query(QueryKind.Session, 0));
        return BitConverter.ToUInt64(info.Find((uint)name)!.Value.Span);
    }

    public async ValueTask DisposeAsync() => await Session.ReleaseAsync().WaitAsync(Deadline);
}
