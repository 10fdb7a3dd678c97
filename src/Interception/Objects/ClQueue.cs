using GpuActors.Interception.Handles;
using GpuActors.Interception.Streams;
using GpuActors.Shared.Commands;

namespace GpuActors.Interception.Objects;

/// <summary>A command queue.</summary>
internal sealed class ClQueue : ClObject, IClKind
{
    private readonly ulong[] _propertyList;

    private ClQueue(ClContext context, ClDevice device, ulong properties, ulong[] propertyList)
    {
        Context = context;
        Device = device;
        Properties = properties;
        _propertyList = propertyList;
        Slice = context.SliceOf(device);
        Id = device.Stream.NextId();
        context.Hold();
        device.Hold();
    }

    public static int InvalidCode => OpenClErrors.InvalidCommandQueue;

    public ulong Id { get; }

    public ClContext Context { get; }

    public ClDevice Device { get; }

    /// <summary>Its device's.</summary>
    public CommandStream Stream => Device.Stream;

    /// <summary>Index of its device's slice in the context.</summary>
    public int Slice { get; }

    /// <summary><c>cl_command_queue_properties</c>.</summary>
    public ulong Properties { get; }

    public bool IsProfiling => (Properties & ClNames.QueueProfiling) != 0;

    public bool IsInOrder => (Properties & ClNames.QueueOutOfOrder) == 0;

    /// <summary>Makes a queue.</summary>
    /// <param name="context">Where.</param>
    /// <param name="device">Of that context.</param>
    /// <param name="properties">Out of order, profiling.</param>
    /// <param name="propertyList">The list that the program gave, with its final zero; empty when it gave none.</param>
    /// <exception cref="ClFailure">The device is not of the context, or cannot have such a queue.</exception>
    public static ClQueue Create(ClContext context, ClDevice device, ulong properties, ulong[] propertyList)
    {
        ClFailure.Unless(context.Devices.Contains(device), OpenClErrors.InvalidDevice);
        ClFailure.Unless((properties & ~ClNames.QueueKnown) == 0, OpenClErrors.InvalidValue);
        ulong supported = device.Number<ulong>(ClNames.DeviceQueueProperties);
        ClFailure.Unless((properties & ~supported) == 0, ClCodes.InvalidQueueProperties);
        var queue = new ClQueue(context, device, properties, propertyList);
        device.Stream.Send(new CreateQueue(queue.Id, context.Id, device.Id, (QueueFlags)properties));
        return queue;
    }

    /// <summary><c>clGetCommandQueueInfo</c>.</summary>
    public int Info(uint name, InfoAnswer answer) => name switch
    {
        ClNames.QueueContext => answer.Value(Context.Handle),
        ClNames.QueueDevice => answer.Value(Device.Handle),
        ClNames.QueueReferenceCount => answer.Value(References),
        ClNames.QueueProperties => answer.Value(Properties),
        ClNames.QueuePropertiesArray => answer.Array<ulong>(_propertyList),
        ClNames.QueueDeviceDefault => answer.Value((nint)0),
        ClNames.QueueSize => OpenClErrors.InvalidCommandQueue, // only queues on the device have one
        _ => OpenClErrors.InvalidValue,
    };

    /// <summary>Waits until everything in it is done.</summary>
    /// <exception cref="ClFailure">Something has failed, or the connection is lost.</exception>
    public void Finish()
    {
        Stream.Ask<Finish, Done>(new Finish(Id));
        int failed = Stream.TakeAsyncError();
        if (failed != OpenClErrors.Success)
            throw new ClFailure(failed, "a command before this finish failed");
    }

    protected override void Destroy()
    {
        Stream.Release(Id);
        try
        {
            Stream.Flush();
        }
        finally
        {
            Device.Drop();
            Context.Drop();
        }
    }
}
