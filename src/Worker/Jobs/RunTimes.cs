namespace GpuActors.Worker.Jobs;

/// <summary>How long the parts of a run took.</summary>
internal sealed class RunTimes(TimeProvider time)
{
    private long? _build;
    private long? _steps;

    public TimeSpan Build { get; private set; }

    public TimeSpan Steps { get; private set; }

    public void BeginBuild() => _build = time.GetTimestamp();

    public void BeginSteps()
    {
        _steps = time.GetTimestamp();
        Build = time.GetElapsedTime(_build!.Value, _steps.Value);
    }

    public void End()
    {
        if (_steps is { } steps)
        {
            Steps = time.GetElapsedTime(steps);
        }
        else if (_build is { } build)
        {
            Build = time.GetElapsedTime(build);
        }
    }
}
