using System.Runtime.InteropServices;
using GpuActors.Interception.Handles;
using GpuActors.Interception.Streams;
using GpuActors.Shared.Commands;

namespace GpuActors.Interception.Objects;

/// <summary>Devices of one slice that share objects.</summary>
internal sealed class ClContext : ClObject, IClKind
{
    private readonly nint[] _properties;
    private readonly DestructorCalls _destructors = new();
    private Action<string>? _failed;

    private ClContext(ClDevice[] devices, nint[] properties)
    {
        Devices = devices;
        _properties = properties;
        Stream = devices[0].Stream;
        Id = Stream.NextId();
        foreach (ClDevice device in devices)
            device.Hold();
    }

    public static int InvalidCode => OpenClErrors.InvalidContext;

    public CommandStream Stream { get; }

    public ulong Id { get; }

    public ClDevice[] Devices { get; }

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
        Stream.Failed += _failed;
    }

    /// <summary>Makes a context. The list of properties ends with a zero, or is empty.</summary>
    /// <exception cref="ClFailure">The devices are not of one slice.</exception>
    public static ClContext Create(ClDevice[] devices, nint[] properties)
    {
        devices = [.. devices.Distinct()];
        if (devices.Any(device => device.Stream != devices[0].Stream))
            throw new ClFailure(OpenClErrors.InvalidDevice, "a context has devices of one slice only");
        var context = new ClContext(devices, properties);
        context.Stream.Send(new CreateContext(context.Id, Array.ConvertAll(devices, device => device.Id)));
        return context;
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
        Stream.Failed -= _failed;
        Stream.Release(Id);
        foreach (ClDevice device in Devices)
            device.Drop();
        _destructors.Run(Handle);
    }
}
