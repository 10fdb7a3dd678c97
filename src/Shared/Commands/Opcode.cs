namespace GpuActors.Shared.Commands;

/// <summary>
/// What a frame is. The high byte is a group, so that a relay can let groups through without decoding:
/// <c>00</c> session control between worker and executor, <c>01</c> handshake and data, <c>02</c> objects,
/// <c>03</c> programs, <c>04</c> enqueued work, <c>05</c> waiting and queries, <c>08</c> executor to client.
/// A number is never given a second meaning.
/// </summary>
public enum Opcode : ushort
{
    ExecutorReady = 0x0001,
    OpenSession = 0x0002,
    Reset = 0x0003,
    TakeClient = 0x0004,
    StreamEnded = 0x0005,
    TakeResumable = 0x0008,
    StreamLinked = 0x0009,

    Hello = 0x0101,
    Data = 0x0102,
    Goodbye = 0x0103,
    Challenge = 0x0104,
    Connect = 0x0105,
    Accepted = 0x0106,
    UseMemory = 0x0110,

    CreateContext = 0x0201,
    CreateSubDevices = 0x0202,
    CreateQueue = 0x0203,
    CreateBuffer = 0x0204,
    CreateSubBuffer = 0x0205,
    CreateImage = 0x0206,
    CreateSampler = 0x0207,
    CreateKernel = 0x0208,
    CreateUserEvent = 0x0209,
    SetUserEventStatus = 0x020A,
    Release = 0x020B,

    CreateProgramWithSource = 0x0301,
    CreateProgramWithBinary = 0x0302,
    BuildProgram = 0x0303,
    CompileProgram = 0x0304,
    LinkProgram = 0x0305,
    DescribeProgram = 0x0306,
    GetProgramBinary = 0x0307,

    LaunchKernel = 0x0401,
    ReadBuffer = 0x0402,
    WriteBuffer = 0x0403,
    CopyBuffer = 0x0404,
    FillBuffer = 0x0405,
    ReadBufferRect = 0x0406,
    WriteBufferRect = 0x0407,
    CopyBufferRect = 0x0408,
    ReadImage = 0x0409,
    WriteImage = 0x040A,
    CopyImage = 0x040B,
    FillImage = 0x040C,
    CopyImageToBuffer = 0x040D,
    CopyBufferToImage = 0x040E,
    Migrate = 0x040F,
    EnqueueMarker = 0x0410,
    EnqueueBarrier = 0x0411,

    Flush = 0x0501,
    Finish = 0x0502,
    Fence = 0x0503,
    WaitEvents = 0x0504,
    QueryEvent = 0x0505,
    SubscribeEvent = 0x0506,
    Query = 0x0507,
    GetImageFormats = 0x0508,

    Welcome = 0x0801,
    Ack = 0x0802,
    Error = 0x0803,
    Done = 0x0804,
    Info = 0x0805,
    EventStatus = 0x0806,
    BuildResult = 0x0807,
    ProgramDescription = 0x0808,
    ImageFormats = 0x0809,
    Printf = 0x080A,
}
