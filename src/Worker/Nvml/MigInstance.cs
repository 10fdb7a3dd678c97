namespace GpuActors.Worker.Nvml;

/// <summary>A MIG slice that an attempt has. Disposing takes it away; nothing may run on it any more then.</summary>
public sealed class MigInstance : IDisposable
{
    private readonly MigInstances _owner;
    private bool _disposed;

    internal MigInstance(MigInstances owner, string gpu, MigSliceDevice made)
    {
        _owner = owner;
        Gpu = gpu;
        Slice = made.Slice;
        VisibleDevice = made.Device.Uuid;
    }

    /// <summary>UUID of its GPU.</summary>
    public string Gpu { get; }

    /// <summary>The slice.</summary>
    public MigSlice Slice { get; }

    /// <summary><c>MIG-…</c>, as <c>CUDA_VISIBLE_DEVICES</c> takes it.</summary>
    public string VisibleDevice { get; }

    /// <summary>Takes it away, at once if the driver lets it go, with a later change of the GPU otherwise.</summary>
    public void Dispose()
    {
        if (!Interlocked.Exchange(ref _disposed, true))
        {
            _owner.Release(this);
        }
    }
}
