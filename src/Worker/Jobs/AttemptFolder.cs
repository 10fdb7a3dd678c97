namespace GpuActors.Worker.Jobs;

/// <summary>
/// Where one attempt keeps outputs that are too large for memory: attempts run side by side, and each has its first
/// output. Made when it is needed; goes with the attempt, whose outputs are stored elsewhere by then.
/// </summary>
internal sealed class AttemptFolder(string path) : IDisposable
{
    public string Path => path;

    public void Dispose()
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
    }
}
