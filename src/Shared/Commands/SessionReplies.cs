namespace GpuActors.Shared.Commands;

/// <summary>First frame of an executor process to its worker: the device is open, a session can begin.</summary>
/// <param name="Version">Newest protocol version that it speaks.</param>
/// <param name="ProcessId">Its process id.</param>
/// <param name="DeviceName">The device's own name.</param>
/// <param name="MemoryBytes">The device's memory.</param>
/// <param name="ComputeUnits">The device's compute units.</param>
/// <param name="CanPartition">Whether a session can be held to fewer compute units.</param>
public readonly record struct ExecutorReady(
    ushort Version, int ProcessId, string DeviceName, ulong MemoryBytes, uint ComputeUnits, bool CanPartition)
    : IFrameBody<ExecutorReady>
{
    public static Opcode Code => Opcode.ExecutorReady;

    public Opcode Opcode => Code;

    public void Write(ref FrameWriter writer)
    {
        writer.U16(Version);
        writer.I32(ProcessId);
        writer.U64(MemoryBytes);
        writer.U32(ComputeUnits);
        writer.Bool(CanPartition);
        writer.Text(DeviceName, ProtocolLimits.MaxNameBytes, "device name");
    }

    public static ExecutorReady Read(ref FrameReader reader)
    {
        ushort version = reader.U16("version");
        int processId = reader.I32("process id");
        ulong memoryBytes = reader.U64("memory");
        uint computeUnits = reader.U32("compute units");
        bool canPartition = reader.Bool("can partition");
        return new ExecutorReady(version, processId, reader.Text(ProtocolLimits.MaxNameBytes, "device name"),
            memoryBytes, computeUnits, canPartition);
    }
}

/// <summary>A device of the session, with what nearly everybody asks first. The rest: a Device query.</summary>
public readonly record struct DeviceSummary(
    ulong Id, string Name, ulong MemoryBytes, ulong MaxAllocationBytes, uint ComputeUnits, ulong MaxWorkGroupSize,
    bool HasImages, bool HasDoubles)
{
    internal const int WireBytesMin = 42;

    internal void Write(ref FrameWriter writer)
    {
        writer.U64(Id);
        writer.U64(MemoryBytes);
        writer.U64(MaxAllocationBytes);
        writer.U32(ComputeUnits);
        writer.U64(MaxWorkGroupSize);
        writer.Bool(HasImages);
        writer.Bool(HasDoubles);
        writer.Text(Name, ProtocolLimits.MaxNameBytes, "device name");
    }

    internal static DeviceSummary Read(ref FrameReader reader)
    {
        ulong id = reader.U64("device id");
        ulong memoryBytes = reader.U64("memory");
        ulong maxAllocationBytes = reader.U64("largest allocation");
        uint computeUnits = reader.U32("compute units");
        ulong maxWorkGroupSize = reader.U64("largest work group");
        bool hasImages = reader.Bool("has images");
        bool hasDoubles = reader.Bool("has doubles");
        return new DeviceSummary(id, reader.Text(ProtocolLimits.MaxNameBytes, "device name"), memoryBytes,
            maxAllocationBytes, computeUnits, maxWorkGroupSize, hasImages, hasDoubles);
    }
}

/// <summary>The session is open.</summary>
/// <param name="Version">Version that both sides use from here on.</param>
/// <param name="Session">Session id.</param>
/// <param name="Epoch">Attempt of the session.</param>
/// <param name="WindowCommands">Most frames that the client may have sent beyond <see cref="Ack.Processed"/>.</param>
/// <param name="WindowBytes">Most bytes that the client may have sent beyond <see cref="Ack.ProcessedBytes"/>.</param>
/// <param name="DeviceHash">What binaries are bound to: device, driver and OpenCL version.</param>
/// <param name="Devices">The session's devices.</param>
public readonly record struct Welcome(
    ushort Version, string Session, ulong Epoch, uint WindowCommands, ulong WindowBytes, ulong DeviceHash,
    IReadOnlyList<DeviceSummary> Devices)
    : IFrameBody<Welcome>
{
    public static Opcode Code => Opcode.Welcome;

    public Opcode Opcode => Code;

    public void Write(ref FrameWriter writer)
    {
        writer.U16(Version);
        writer.U64(Epoch);
        writer.U32(WindowCommands);
        writer.U64(WindowBytes);
        writer.U64(DeviceHash);
        writer.Text(Session, ProtocolLimits.MaxNameBytes, "session");
        writer.Count(Devices.Count, ProtocolLimits.MaxDevices, "devices");
        foreach (DeviceSummary device in Devices)
            device.Write(ref writer);
    }

    public static Welcome Read(ref FrameReader reader)
    {
        ushort version = reader.U16("version");
        ulong epoch = reader.U64("epoch");
        uint windowCommands = reader.U32("command window");
        ulong windowBytes = reader.U64("byte window");
        ulong hash = reader.U64("device hash");
        string session = reader.Text(ProtocolLimits.MaxNameBytes, "session");
        var devices = new DeviceSummary[
            reader.Count(ProtocolLimits.MaxDevices, DeviceSummary.WireBytesMin, "devices")];
        for (var i = 0; i < devices.Length; i++)
            devices[i] = DeviceSummary.Read(ref reader);
        return new Welcome(version, session, epoch, windowCommands, windowBytes, hash, devices);
    }
}
