using System.IO.MemoryMappedFiles;

namespace GpuActors.Worker.Executors.Pool;

/// <summary>
/// Where executors read how long they may go on with a session. They watch it themselves, so that the sessions of a
/// worker that is frozen end before its slices are given to others.
/// </summary>
internal sealed class LeaseFile : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;

    public LeaseFile(string path)
    {
        Path = path;
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.Create, null, sizeof(long));
        _view = _file.CreateViewAccessor();
    }

    /// <summary>The file's path.</summary>
    public string Path { get; }

    /// <summary>Sessions may go on until <paramref name="timestamp"/> of the monotonic clock.</summary>
    public unsafe void EndAt(long timestamp)
    {
        byte* start = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        try
        {
            Volatile.Write(ref *(long*)start, timestamp);
        }
        finally
        {
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
        }
    }

    public void Dispose()
    {
        _view.Dispose();
        _file.Dispose();
    }
}
