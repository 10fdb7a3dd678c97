using System.Text;
using GpuActors.Shared.Commands;

namespace GpuActors.Shared.Tests.Commands;

/// <summary>Makes a random but valid payload of any opcode from a seed, with extremes more often than chance has it.</summary>
internal sealed class BodyGenerator(int seed)
{
    private readonly Random _random = new(seed);

    public IFrameBody Make(Opcode opcode) => opcode switch
    {
        Opcode.ExecutorReady => new ExecutorReady(U16(), I32(), Name(), U64(), U32(), Flag()),
        Opcode.OpenSession => new OpenSession(Name(), Name(), U64(), U64(), U32(), Name(), Flag(), U32())
        {
            Ledger = Name(), LedgerEntry = U32(),
        },
        Opcode.Reset => default(Reset),
        Opcode.TakeClient => new TakeClient(Blob(4096), Blob(4096), Blob(8192)),
        Opcode.StreamEnded => new StreamEnded(I32(), U64(), U64(), U64(), Text()),
        Opcode.TakeResumable => new TakeResumable(
            new Guid(Exactly(16).Span), Flag(), U32(), new TakeClient(Blob(4096), Blob(4096), Blob(8192))),
        Opcode.StreamLinked => new StreamLinked(Flag(), Text()),
        Opcode.Hello => new Hello(U16(), U16(), (ConnectionKind)_random.Next(2), Name(), U64(), Blob(4096)),
        Opcode.Data => new Data(U64(), Blob(100_000)),
        Opcode.Goodbye => new Goodbye(I32(), Text()),
        Opcode.Challenge => new Challenge(U16(), U16(), Flag(), Exactly(Challenge.NonceBytes), Flag()),
        Opcode.Connect => new Connect(
            U16(), (ConnectionKind)_random.Next(5), new Guid(Exactly(16).Span), Exactly(Challenge.NonceBytes), Name(),
            Exactly(Connect.MacBytes)),
        Opcode.Accepted => new Accepted(Exactly(Connect.MacBytes)),
        Opcode.UseMemory => default(UseMemory),
        Opcode.CreateContext => new CreateContext(U64(), Ids(256)),
        Opcode.CreateSubDevices => new CreateSubDevices(U64(), Ids(256), Ids(256)),
        Opcode.CreateQueue => new CreateQueue(U64(), U64(), U64(), (QueueFlags)U64()),
        Opcode.CreateBuffer => new CreateBuffer(U64(), U64(), U64(), (MemFlags)U64(), U64()),
        Opcode.CreateSubBuffer => new CreateSubBuffer(U64(), U64(), U64(), U64(), (MemFlags)U64()),
        Opcode.CreateImage => new CreateImage(U64(), U64(), Format(), Shape(), (MemFlags)U64(), U64()),
        Opcode.CreateSampler => new CreateSampler(U64(), U64(), Flag(), (AddressingMode)U32(), (FilterMode)U32()),
        Opcode.CreateKernel => new CreateKernel(U64(), U64(), Name()),
        Opcode.CreateUserEvent => new CreateUserEvent(U64(), U64()),
        Opcode.SetUserEventStatus => new SetUserEventStatus(U64(), I32()),
        Opcode.Release => new Release(Ids(16384)),
        Opcode.CreateProgramWithSource => new CreateProgramWithSource(U64(), U64(), U64()),
        Opcode.CreateProgramWithBinary => new CreateProgramWithBinary(U64(), U64(), U64()),
        Opcode.BuildProgram => new BuildProgram(U64(), Text()),
        Opcode.CompileProgram => new CompileProgram(U64(), Text(), Ids(100), Text()),
        Opcode.LinkProgram => new LinkProgram(U64(), U64(), Text(), Ids(100)),
        Opcode.DescribeProgram => new DescribeProgram(U64()),
        Opcode.DescribeKernels => new DescribeKernels(U64(), U32()),
        Opcode.GetProgramBinary => new GetProgramBinary(U64()),
        Opcode.LaunchKernel => new LaunchKernel(
            Enqueue(), U64(), (byte)_random.Next(1, 4), Size(), Arguments(), Size(), Size()),
        Opcode.ReadBuffer => new ReadBuffer(Enqueue(), U64(), U64(), U64(), Purpose()),
        Opcode.WriteBuffer => new WriteBuffer(Enqueue(), U64(), U64(), U64(), Purpose()),
        Opcode.CopyBuffer => new CopyBuffer(Enqueue(), U64(), U64(), U64(), U64(), U64()),
        Opcode.FillBuffer => new FillBuffer(Enqueue(), U64(), U64(), U64(), Blob(128)),
        Opcode.ReadBufferRect => new ReadBufferRect(Enqueue(), U64(), Layout(), Size(), Purpose()),
        Opcode.WriteBufferRect => new WriteBufferRect(Enqueue(), U64(), Layout(), Size(), U64(), Purpose()),
        Opcode.CopyBufferRect => new CopyBufferRect(Enqueue(), U64(), U64(), Layout(), Layout(), Size()),
        Opcode.ReadImage => new ReadImage(Enqueue(), U64(), Size(), Size(), Purpose()),
        Opcode.WriteImage => new WriteImage(Enqueue(), U64(), Size(), Size(), U64(), Purpose()),
        Opcode.CopyImage => new CopyImage(Enqueue(), U64(), U64(), Size(), Size(), Size()),
        Opcode.FillImage => new FillImage(Enqueue(), U64(), Exactly(FillImage.ColorBytes), Size(), Size()),
        Opcode.CopyImageToBuffer => new CopyImageToBuffer(Enqueue(), U64(), U64(), Size(), Size(), U64()),
        Opcode.CopyBufferToImage => new CopyBufferToImage(Enqueue(), U64(), U64(), U64(), Size(), Size()),
        Opcode.Migrate => new Migrate(Enqueue(), (MigrateFlags)U64(), Ids(1000)),
        Opcode.EnqueueMarker => new EnqueueMarker(Enqueue()),
        Opcode.EnqueueBarrier => new EnqueueBarrier(Enqueue()),
        Opcode.Flush => new Flush(U64()),
        Opcode.Finish => new Finish(U64()),
        Opcode.Fence => default(Fence),
        Opcode.WaitEvents => new WaitEvents(Ids(4096)),
        Opcode.QueryEvent => new QueryEvent(U64()),
        Opcode.SubscribeEvent => new SubscribeEvent(U64(), I32()),
        Opcode.Query => new Query((QueryKind)U16(), U64(), U64()),
        Opcode.GetImageFormats => new GetImageFormats(U64(), (MemFlags)U64(), (MemObjectType)U32()),
        Opcode.ReportWaits => new ReportWaits(U64(), U64()),
        Opcode.Welcome => new Welcome(U16(), Name(), U64(), U32(), U64(), U64(), Many(8, Device)),
        Opcode.Ack => new Ack(U64(), U64(), U64()),
        Opcode.Error => new Error(I32(), U64(), Text()),
        Opcode.Done => new Done(U64()),
        Opcode.Info => new Info(Many(60, () => new InfoEntry(U32(), Blob(300)))),
        Opcode.EventStatus => new EventStatus(U64(), I32(), Flag(), U64(), U64(), U64(), U64()),
        Opcode.BuildResult => new BuildResult(I32(), Text()),
        Opcode.ProgramDescription => new ProgramDescription(Many(5, Kernel)),
        Opcode.ImageFormats => new ImageFormats(Many(200, Format)),
        Opcode.Printf => new Printf(Blob(5000)),
        _ => throw new ArgumentOutOfRangeException(nameof(opcode), opcode, "no generator for this opcode"),
    };

    public ulong U64() => _random.Next(4) switch
    {
        0 => 0,
        1 => ulong.MaxValue,
        _ => (ulong)_random.NextInt64(long.MinValue, long.MaxValue),
    };

    private uint U32() => (uint)U64();

    private int I32() => (int)U64();

    private ushort U16() => (ushort)U64();

    private bool Flag() => _random.Next(2) == 1;

    private Bytes Exactly(int length)
    {
        var bytes = new byte[length];
        _random.NextBytes(bytes);
        return bytes;
    }

    private Bytes Blob(int max) => Exactly(Length(max));

    private int Length(int max) => _random.Next(8) switch
    {
        0 => 0,
        1 => max,
        _ => _random.Next(Math.Min(max, 40)),
    };

    private string Name() => Letters(Length(ProtocolLimits.MaxNameBytes) / 4);

    private string Text() => Letters(Length(ProtocolLimits.MaxTextBytes) / 4);

    private string Letters(int count)
    {
        var text = new StringBuilder();
        while (text.Length < count - 1)
            text.Append("aZ09_ \nä€\0😀".EnumerateRunes().ElementAt(_random.Next(11)).ToString());
        return text.ToString();
    }

    private IdList Ids(int max) => Many(max, U64);

    private T[] Many<T>(int max, Func<T> make)
    {
        var items = new T[Length(max)];
        for (var i = 0; i < items.Length; i++)
            items[i] = make();
        return items;
    }

    private Enqueue Enqueue() => new(U64(), U64(), Ids(ProtocolLimits.MaxWaitList), Flag());

    private WorkSize Size() => new(U64(), U64(), U64());

    private RectLayout Layout() => new(Size(), U64(), U64());

    private TransferPurpose Purpose() => (TransferPurpose)_random.Next(5);

    private ImageFormat Format() => new((ChannelOrder)U32(), (ChannelType)U32());

    private ImageShape Shape() => new((MemObjectType)U32(), Size(), U64(), U64(), U64());

    private ArgumentList Arguments() => Many(60, () => _random.Next(5) switch
    {
        0 => KernelArgument.Memory(U64()),
        1 => KernelArgument.Sampler(U64()),
        2 => KernelArgument.Local(U64()),
        3 => KernelArgument.Value(Blob(16).Memory),
        _ => KernelArgument.Value(Blob(1024).Memory),
    });

    private DeviceSummary Device() => new(U64(), Name(), U64(), U64(), U32(), U64(), Flag(), Flag());

    private KernelDescription Kernel() => new(
        Name(), Name(), Size(), U64(), U64(), U64(), U64(),
        Many(20, () => new ParameterDescription(
            Name(), Name(), (ArgumentKind)_random.Next(1, 5), (AddressQualifier)_random.Next(4),
            (AccessQualifier)_random.Next(4), (TypeQualifiers)_random.Next(16))));
}
