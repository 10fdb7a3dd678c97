using System.Runtime.InteropServices;
using GpuActors.Interception.Handles;
using GpuActors.Interception.Streams;
using GpuActors.Shared.Commands;

namespace GpuActors.Interception.Objects;

/// <summary>A slice, or a part of one.</summary>
internal sealed class ClDevice : ClObject, IClKind
{
    private readonly nint[] _partition;
    private Dictionary<uint, byte[]>? _info;

    /// <param name="stream">Where it is.</param>
    /// <param name="id">Its id there.</param>
    /// <param name="parent">The device that it is a part of, or null.</param>
    /// <param name="partition">How it was made from that: the list of properties with its final zero.</param>
    public ClDevice(CommandStream stream, ulong id, ClDevice? parent, nint[] partition)
    {
        Stream = stream;
        Id = id;
        Parent = parent;
        _partition = partition;
        parent?.Hold();
    }

    public static int InvalidCode => OpenClErrors.InvalidDevice;

    public CommandStream Stream { get; }

    public ulong Id { get; }

    public ClDevice? Parent { get; }

    /// <summary>The session's own device: the program's references to it mean nothing.</summary>
    public bool IsRoot => Parent is null;

    public uint ComputeUnits => Number<uint>(ClNames.DeviceMaxComputeUnits);

    /// <summary>A property as a number; 0 when the device does not have it.</summary>
    public T Number<T>(uint name)
        where T : unmanaged
    {
        ReadOnlySpan<byte> value = Find(name);
        return value.Length == Marshal.SizeOf<T>() ? MemoryMarshal.Read<T>(value) : default;
    }

    /// <summary>A property as the executor lays it out; empty when the device does not have it.</summary>
    public ReadOnlySpan<byte> Find(uint name) => All().GetValueOrDefault(name);

    /// <summary><c>clGetDeviceInfo</c>.</summary>
    public int Info(uint name, InfoAnswer answer)
    {
        switch (name)
        {
            case ClNames.DevicePlatform:
                return answer.Value(ClPlatform.Instance.Handle);
            case ClNames.DeviceParentDevice:
                return answer.Value(Parent?.Handle ?? 0);
            case ClNames.DeviceReferenceCount:
                return answer.Value(IsRoot ? 1u : References);
            case ClNames.DevicePartitionType:
                return answer.Array<nint>(_partition);
            default:
                return All().TryGetValue(name, out byte[]? value) ? answer.Bytes(value) : OpenClErrors.InvalidValue;
        }
    }

    protected override void Destroy()
    {
        Stream.Release(Id);
        Parent?.Drop();
    }

    private Dictionary<uint, byte[]> All()
    {
        if (Volatile.Read(ref _info) is { } known)
            return known;
        Info info = Stream.Ask<Query, Info>(new Query(QueryKind.Device, Id));
        var all = new Dictionary<uint, byte[]>();
        foreach (InfoEntry entry in info.Entries)
            all[entry.Name] = entry.Value.ToArray();
        Volatile.Write(ref _info, all);
        return all;
    }
}
