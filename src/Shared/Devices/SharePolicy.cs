namespace GpuActors.Shared.Devices;

/// <summary>How the slices of one GPU that take turns share its compute (NVIDIA Virtual GPU User Guide 17, 7).</summary>
public enum SharePolicy
{
    /// <summary>Round robin among those that have work; idle time is the others'.</summary>
    BestEffort,

    /// <summary>Everybody who is there has the same part, whether it uses it or not.</summary>
    EqualShare,

    /// <summary>Everybody has the part that its size says, whoever else is there; what nobody uses is lost.</summary>
    FixedShare,

    /// <summary>Those that have work share by their weights; idle time is the others'.</summary>
    Weighted,
}
