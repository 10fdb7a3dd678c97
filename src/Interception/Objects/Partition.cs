using GpuActors.Interception.Handles;
using GpuActors.Shared.Commands;

namespace GpuActors.Interception.Objects;

/// <summary>How a device is to be parted: the compute units of each part, and the list that the program gave.</summary>
internal sealed unsafe record Partition(ulong[] Counts, nint[] Properties)
{
    /// <summary>Reads <c>cl_device_partition_property</c> list.</summary>
    /// <exception cref="ClFailure">There is no such way, or the device has too few units.</exception>
    public static Partition Of(ClDevice device, nint* properties)
    {
        uint units = device.ComputeUnits;
        switch (properties[0])
        {
            case ClNames.PartitionEqually:
                nint each = properties[1];
                ClFailure.Unless(each > 0 && properties[2] == 0, OpenClErrors.InvalidValue);
                ClFailure.Unless(each <= units, ClCodes.InvalidDevicePartitionCount);
                var equal = new ulong[units / each];
                Array.Fill(equal, (ulong)each);
                return new Partition(equal, [ClNames.PartitionEqually, each, 0]);
            case ClNames.PartitionByCounts:
                return ByCounts(device, properties, units);
            default:
                throw new ClFailure(OpenClErrors.InvalidValue, "parts are made equally or by counts");
        }
    }

    /// <summary>Makes the parts.</summary>
    public ClDevice[] Make(ClDevice parent)
    {
        ulong[] ids = Array.ConvertAll(Counts, _ => parent.Stream.NextId());
        ClDevice[] made = Array.ConvertAll(ids, id => new ClDevice(parent.Stream, id, parent, Properties));
        parent.Stream.Send(new CreateSubDevices(parent.Id, Counts, ids));
        return made;
    }

    private static Partition ByCounts(ClDevice device, nint* properties, uint units)
    {
        var counts = new List<ulong>();
        ulong total = 0;
        int i = 1;
        for (; properties[i] != 0; i++)
        {
            ClFailure.Unless(properties[i] > 0, ClCodes.InvalidDevicePartitionCount);
            counts.Add((ulong)properties[i]);
            total += (ulong)properties[i];
        }
        ClFailure.Unless(
            counts.Count > 0 && total <= units
            && counts.Count <= Math.Max(1, device.Number<uint>(ClNames.DevicePartitionMaxSubDevices)),
            ClCodes.InvalidDevicePartitionCount);
        return new Partition([.. counts], new ReadOnlySpan<nint>(properties, i + 1).ToArray());
    }
}
