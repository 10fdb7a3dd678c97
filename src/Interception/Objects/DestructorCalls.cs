namespace GpuActors.Interception.Objects;

/// <summary>The program's functions to call when an object is gone: <c>(object, user data)</c>, newest first.</summary>
internal sealed unsafe class DestructorCalls
{
    private Stack<(nint Function, nint Data)>? _calls;

    /// <summary>One more.</summary>
    public void Add(nint function, nint data)
    {
        lock (this)
            (_calls ??= new()).Push((function, data));
    }

    /// <summary>Calls them all.</summary>
    public void Run(nint handle)
    {
        Stack<(nint Function, nint Data)>? calls;
        lock (this)
        {
            calls = _calls;
            _calls = null;
        }
        if (calls is null)
            return;
        foreach ((nint function, nint data) in calls)
            ((delegate* unmanaged<nint, nint, void>)function)(handle, data);
    }
}
