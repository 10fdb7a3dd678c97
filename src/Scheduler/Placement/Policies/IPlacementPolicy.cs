using GpuActors.Scheduler.Placement.Capacity;
using GpuActors.Scheduler.Placement.Requests;

namespace GpuActors.Scheduler.Placement.Policies;

/// <summary>
/// Says how good a host is for a class of requests. Scores are kept: a host's score is asked for again only when the
/// host has changed, or when <see cref="Generation"/> has. So a score must depend on nothing but the host, the class and
/// what the policy had learned at that generation. One policy serves one engine; it need not be thread-safe.
/// </summary>
public interface IPlacementPolicy
{
    /// <summary>The name that configuration, commands and reports use.</summary>
    string Name { get; }

    /// <summary>How a host is chosen by its score.</summary>
    HostSelection Selection => HostSelection.Best;

    /// <summary>
    /// Another number than before when the policy has learned so much that all its scores are to be computed anew. That
    /// costs a pass over all hosts for each class, so it should be rare where hosts are many.
    /// </summary>
    int Generation => 0;

    /// <summary>A task of this class has arrived, whether or not it is going to find room. Once for each task.</summary>
    void Observe(RequestClass arrived)
    {
    }

    /// <summary>
    /// How good a host is; higher is better, among equals the host of the lowest number is taken. Only asked for hosts
    /// that can take the class. Values beyond <see cref="PolicyScore.Limit"/> count as that.
    /// </summary>
    int Score(in HostView host, RequestClass request);

    /// <summary>
    /// The GPU for a share, by its number on the host: one that has as much free as is asked for. Asked for the chosen
    /// host only. (Whole GPUs are always the idle ones with the lowest numbers.)
    /// </summary>
    int ChooseDevice(in HostView host, RequestClass request) => host.TightestDevice(request.GpuMilli);
}

/// <summary>How a host is chosen by its score.</summary>
public enum HostSelection
{
    /// <summary>One with the highest score, of these the one with the lowest number.</summary>
    Best,

    /// <summary>Any that can take the request, each with the same probability.</summary>
    Uniform,
}

/// <summary>The range of scores.</summary>
public static class PolicyScore
{
    /// <summary>The highest score; the lowest is its negative.</summary>
    public const int Limit = 2000;
}
