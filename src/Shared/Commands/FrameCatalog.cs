namespace GpuActors.Shared.Commands;

/// <summary>Every opcode with its type: the one list to extend for a new frame.</summary>
internal static class FrameCatalog
{
    private static readonly bool[] Known = MakeKnown();

    /// <summary>All opcodes of this version.</summary>
    public static IReadOnlyList<Opcode> All { get; } = Enum.GetValues<Opcode>();

    public static bool IsKnown(Opcode opcode) => (int)opcode < Known.Length && Known[(int)opcode];

    public static IFrameBody Read(in Frame frame)
    {
        return frame.Opcode switch
        {
            Opcode.ExecutorReady => CommandReader.Read<ExecutorReady>(frame),
            Opcode.OpenSession => CommandReader.Read<OpenSession>(frame),
            Opcode.Reset => CommandReader.Read<Reset>(frame),
            Opcode.TakeClient => CommandReader.Read<TakeClient>(frame),
            Opcode.StreamEnded => CommandReader.Read<StreamEnded>(frame),
            Opcode.TakeResumable => CommandReader.Read<TakeResumable>(frame),
            Opcode.StreamLinked => CommandReader.Read<StreamLinked>(frame),
            Opcode.Hello => CommandReader.Read<Hello>(frame),
            Opcode.Data => CommandReader.Read<Data>(frame),
            Opcode.Goodbye => CommandReader.Read<Goodbye>(frame),
            Opcode.Challenge => CommandReader.Read<Challenge>(frame),
            Opcode.Connect => CommandReader.Read<Connect>(frame),
            Opcode.Accepted => CommandReader.Read<Accepted>(frame),
            Opcode.UseMemory => CommandReader.Read<UseMemory>(frame),
            Opcode.CreateContext => CommandReader.Read<CreateContext>(frame),
            Opcode.CreateSubDevices => CommandReader.Read<CreateSubDevices>(frame),
            Opcode.CreateQueue => CommandReader.Read<CreateQueue>(frame),
            Opcode.CreateBuffer => CommandReader.Read<CreateBuffer>(frame),
            Opcode.CreateSubBuffer => CommandReader.Read<CreateSubBuffer>(frame),
            Opcode.CreateImage => CommandReader.Read<CreateImage>(frame),
            Opcode.CreateSampler => CommandReader.Read<CreateSampler>(frame),
            Opcode.CreateKernel => CommandReader.Read<CreateKernel>(frame),
            Opcode.CreateUserEvent => CommandReader.Read<CreateUserEvent>(frame),
            Opcode.SetUserEventStatus => CommandReader.Read<SetUserEventStatus>(frame),
            Opcode.Release => CommandReader.Read<Release>(frame),
            Opcode.CreateProgramWithSource => CommandReader.Read<CreateProgramWithSource>(frame),
            Opcode.CreateProgramWithBinary => CommandReader.Read<CreateProgramWithBinary>(frame),
            Opcode.BuildProgram => CommandReader.Read<BuildProgram>(frame),
            Opcode.CompileProgram => CommandReader.Read<CompileProgram>(frame),
            Opcode.LinkProgram => CommandReader.Read<LinkProgram>(frame),
            Opcode.DescribeProgram => CommandReader.Read<DescribeProgram>(frame),
            Opcode.GetProgramBinary => CommandReader.Read<GetProgramBinary>(frame),
            Opcode.DescribeKernels => CommandReader.Read<DescribeKernels>(frame),
            Opcode.LaunchKernel => CommandReader.Read<LaunchKernel>(frame),
            Opcode.ReadBuffer => CommandReader.Read<ReadBuffer>(frame),
            Opcode.WriteBuffer => CommandReader.Read<WriteBuffer>(frame),
            Opcode.CopyBuffer => CommandReader.Read<CopyBuffer>(frame),
            Opcode.FillBuffer => CommandReader.Read<FillBuffer>(frame),
            Opcode.ReadBufferRect => CommandReader.Read<ReadBufferRect>(frame),
            Opcode.WriteBufferRect => CommandReader.Read<WriteBufferRect>(frame),
            Opcode.CopyBufferRect => CommandReader.Read<CopyBufferRect>(frame),
            Opcode.ReadImage => CommandReader.Read<ReadImage>(frame),
            Opcode.WriteImage => CommandReader.Read<WriteImage>(frame),
            Opcode.CopyImage => CommandReader.Read<CopyImage>(frame),
            Opcode.FillImage => CommandReader.Read<FillImage>(frame),
            Opcode.CopyImageToBuffer => CommandReader.Read<CopyImageToBuffer>(frame),
            Opcode.CopyBufferToImage => CommandReader.Read<CopyBufferToImage>(frame),
            Opcode.Migrate => CommandReader.Read<Migrate>(frame),
            Opcode.EnqueueMarker => CommandReader.Read<EnqueueMarker>(frame),
            Opcode.EnqueueBarrier => CommandReader.Read<EnqueueBarrier>(frame),
            Opcode.Flush => CommandReader.Read<Flush>(frame),
            Opcode.Finish => CommandReader.Read<Finish>(frame),
            Opcode.Fence => CommandReader.Read<Fence>(frame),
            Opcode.WaitEvents => CommandReader.Read<WaitEvents>(frame),
            Opcode.QueryEvent => CommandReader.Read<QueryEvent>(frame),
            Opcode.SubscribeEvent => CommandReader.Read<SubscribeEvent>(frame),
            Opcode.Query => CommandReader.Read<Query>(frame),
            Opcode.GetImageFormats => CommandReader.Read<GetImageFormats>(frame),
            Opcode.ReportWaits => CommandReader.Read<ReportWaits>(frame),
            Opcode.Welcome => CommandReader.Read<Welcome>(frame),
            Opcode.Ack => CommandReader.Read<Ack>(frame),
            Opcode.Error => CommandReader.Read<Error>(frame),
            Opcode.Done => CommandReader.Read<Done>(frame),
            Opcode.Info => CommandReader.Read<Info>(frame),
            Opcode.EventStatus => CommandReader.Read<EventStatus>(frame),
            Opcode.BuildResult => CommandReader.Read<BuildResult>(frame),
            Opcode.ProgramDescription => CommandReader.Read<ProgramDescription>(frame),
            Opcode.ImageFormats => CommandReader.Read<ImageFormats>(frame),
            Opcode.Printf => CommandReader.Read<Printf>(frame),
            _ => throw new ProtocolException($"opcode 0x{(int)frame.Opcode:X4} is not known"),
        };
    }

    private static bool[] MakeKnown()
    {
        var known = new bool[(int)Enum.GetValues<Opcode>().Max() + 1];
        foreach (Opcode opcode in Enum.GetValues<Opcode>())
            known[(int)opcode] = true;
        return known;
    }
}
