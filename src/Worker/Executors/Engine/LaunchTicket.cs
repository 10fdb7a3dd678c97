namespace GpuActors.Worker.Executors.Engine;

/// <summary>Whether a command, or an event of the client, can be waited for without waiting for anybody else.</summary>
internal interface ICommandState
{
    /// <summary>It is done, or the device will do it without a turn or a word of the client.</summary>
    bool MayRun { get; }
}

/// <summary>A kernel on its way to the device. Guarded by the <see cref="TurnGate"/>'s lock.</summary>
internal sealed class LaunchTicket(KernelObject kernel, ulong items)
{
    public KernelObject Kernel => kernel;

    /// <summary>Work items.</summary>
    public ulong Items => items;

    /// <summary>The event that it waits for; 0: it began at once.</summary>
    public nint Gate { get; set; }

    /// <summary>How long it will probably take, in ticks of the clock.</summary>
    public long Estimate { get; set; }

    public bool HasBegun { get; set; }

    public bool HasEnded { get; set; }
}
