using System.Runtime.InteropServices;
using GpuActors.Interception.Handles;
using GpuActors.Interception.Streams;
using GpuActors.Shared.Commands;

namespace GpuActors.Interception.Objects;

/// <summary>
/// Devices that share objects. They may be of several slices: an object then has the same id on the stream of each, and
/// what makes it is sent to all of them. A place in <see cref="Streams"/> is called a slice's index.
/// </summary>
internal sealed class ClContext : ClObject, IClKind
{
    /// <summary>Most slices of a context: objects keep a bit for each.</summary>
    private const int MaxSlices = 64;

    private readonly nint[] _properties;
    private readonly DestructorCalls _destructors = new();
    private readonly Stack<ulong>[] _transferQueues;
    private Action<string>? _failed;

    private ClContext(ClDevice[] devices, CommandStream[] streams, nint[] properties)
    {
        Devices = devices;
        Streams = streams;
        _properties = properties;
        _transferQueues = IsShared ? Array.ConvertAll(streams, _ => new Stack<ulong>()) : [];
        Id = streams[0].NextId();
        foreach (ClDevice device in devices)
            device.Hold();
    }

    public static int InvalidCode => OpenClErrors.InvalidContext;

    public ulong Id { get; }

    public ClDevice[] Devices { get; }

    /// <summary>The streams of its slices, in the order of its devices.</summary>
    public CommandStream[] Streams { get; }

    /// <summary>Whether it has devices of more than one slice.</summary>
    public bool IsShared => Streams.Length > 1;

    /// <summary>The stream for what any of its slices can do: the first that is not lost.</summary>
    public CommandStream Stream => IsShared ? Streams[LivingSlice] : Streams[0];

    /// <summary>Index of the first slice whose connection is not lost; 0 if all are.</summary>
    public int LivingSlice => Math.Max(0, Array.FindIndex(Streams, stream => !stream.IsLost));

    /// <summary>Called when the last reference is gone; the newest first.</summary>
    public DestructorCalls Destructors => _destructors;

    /// <summary>
    /// Has a function called, on the callbacks' thread, with what fails when no call is there to say so, until the
    /// context is gone: <c>(text, private info, its bytes, user data)</c>.
    /// </summary>
    public unsafe void Notify(nint function, nint userData)
    {
        _failed = text => CallbackThread.Post(() =>
        {
            nint info = Marshal.StringToCoTaskMemUTF8(text);
            ((delegate* unmanaged<nint, nint, nuint, nint, void>)function)(info, 0, 0, userData);
            Marshal.FreeCoTaskMem(info);
        });
        foreach (CommandStream stream in Streams)
            stream.Failed += _failed;
    }

    /// <summary>Makes a context. The list of properties ends with a zero, or is empty.</summary>
    /// <exception cref="ClFailure">There are more slices than a context can have, or one is lost.</exception>
    public static ClContext Create(ClDevice[] devices, nint[] properties)
    {
        devices = [.. devices.Distinct()];
        CommandStream[] streams = [.. devices.Select(device => device.Stream).Distinct()];
        ClFailure.Unless(streams.Length <= MaxSlices, OpenClErrors.OutOfResources);
        foreach (CommandStream stream in streams)
            ClFailure.Unless(!stream.IsLost || streams.Length == 1, OpenClErrors.DeviceNotAvailable);
        var context = new ClContext(devices, streams, properties);
        foreach (CommandStream stream in streams)
        {
            ClDevice[] there = Array.FindAll(devices, device => device.Stream == stream);
            stream.Send(new CreateContext(context.Id, Array.ConvertAll(there, device => device.Id)));
        }
        return context;
    }

    /// <summary>The index of a device's slice.</summary>
    public int SliceOf(ClDevice device) => IsShared ? Array.IndexOf(Streams, device.Stream) : 0;

    /// <summary>Its first device on a slice.</summary>
    public ClDevice DeviceOn(int slice) => Array.Find(Devices, device => device.Stream == Streams[slice])!;

    /// <summary>Whether what all slices are to have can be left out on this one: it is lost, and others are not.</summary>
    public bool CanLeaveOut(int slice) =>
        Streams[slice].IsLost && Array.Exists(Streams, stream => !stream.IsLost);

    /// <summary>Sends a command to all slices. Those that are lost are left out as long as one is not.</summary>
    /// <exception cref="ClFailure">All are lost.</exception>
    public void SendAll<T>(in T command)
        where T : struct, ICommand
    {
        if (!IsShared)
        {
            Streams[0].Send(command);
            return;
        }
        for (var slice = 0; slice < Streams.Length; slice++)
        {
            if (!CanLeaveOut(slice))
                Streams[slice].Send(command);
        }
    }

    /// <summary>Releases an id on some of its slices: those whose bits are set.</summary>
    public void Release(ulong id, ulong slices = ulong.MaxValue)
    {
        for (var slice = 0; slice < Streams.Length; slice++)
        {
            if ((slices & (1UL << slice)) != 0)
                Streams[slice].Release(id);
        }
    }

    /// <summary>
    /// A queue of a slice for a move of memory, until <see cref="ReturnQueue"/>. Each move has its own: one that waits
    /// for a command of the program must hold up neither another move nor a queue of the program.
    /// </summary>
    /// <exception cref="ClFailure">The connection is lost.</exception>
    public ulong RentQueue(int slice)
    {
        lock (_transferQueues)
        {
            if (_transferQueues[slice].TryPop(out ulong idle))
                return idle;
        }
        ClDevice device = DeviceOn(slice);
        ulong id = device.Stream.NextId();
        device.Stream.Send(new CreateQueue(id, Id, device.Id, QueueFlags.None));
        return id;
    }

    /// <summary>The move has ended.</summary>
    public void ReturnQueue(int slice, ulong queue)
    {
        const int MaxIdle = 8;
        lock (_transferQueues)
        {
            if (_transferQueues[slice].Count < MaxIdle)
            {
                _transferQueues[slice].Push(queue);
                return;
            }
        }
        Streams[slice].Release(queue);
    }

    /// <summary><c>clGetContextInfo</c>.</summary>
    public int Info(uint name, InfoAnswer answer) => name switch
    {
        ClNames.ContextReferenceCount => answer.Value(References),
        ClNames.ContextNumDevices => answer.Value((uint)Devices.Length),
        ClNames.ContextDevices => answer.Array<nint>(Array.ConvertAll(Devices, device => device.Handle)),
        ClNames.ContextProperties => answer.Array<nint>(_properties),
        _ => OpenClErrors.InvalidValue,
    };

    protected override void Destroy()
    {
        foreach (CommandStream stream in Streams)
            stream.Failed -= _failed;
        for (var slice = 0; slice < _transferQueues.Length; slice++)
        {
            foreach (ulong queue in _transferQueues[slice])
                Streams[slice].Release(queue);
        }
        Release(Id);
        foreach (ClDevice device in Devices)
            device.Drop();
        _destructors.Run(Handle);
    }
}
