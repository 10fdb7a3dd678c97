using GpuActors.Shared.Devices;
using GpuActors.Shared.Messages;

namespace GpuActors.Worker.Sharing;

/// <summary>What a session that takes turns on a GPU is entitled to there.</summary>
/// <param name="Policy">Who gets how much.</param>
/// <param name="Positions">How many sessions may be there; with fixed shares each position has its time.</param>
/// <param name="Part">Its own part.</param>
public sealed record ShareClaim(SharePolicy Policy, int Positions, SharePart Part)
{
    /// <summary>
    /// Turns of fractions are as long as those of a vGPU type of which so many may be. Fixed turns take the longer ones of
    /// the table, so that handing over costs less of each; weighted ones are the fairer the shorter they are.
    /// </summary>
    private const int FixedPositions = 8, WeightedPositions = 100;

    /// <summary>
    /// The claim that comes with a slice; null: it takes no turns, since it has the device or compute units for itself.
    /// </summary>
    /// <param name="slice">The slice.</param>
    /// <param name="model">The model of its GPU.</param>
    /// <param name="policy">The policy of its GPU.</param>
    /// <param name="canPartition">
    /// The device can be parted by compute units. Where it can't, turns hold a slice to the part that its units are.
    /// </param>
    public static ShareClaim? Of(SliceGrant slice, GpuModel model, SharePolicy policy, bool canPartition)
    {
        var profile = slice.Profile is { } name ? model.FindProfile(name) : null;
        return slice.ModeOrDefault switch
        {
            GpuMode.Passthrough => null,
            GpuMode.Vgpu => new ShareClaim(policy, profile?.Max ?? 1, new SharePart(0)),
            GpuMode.VgpuMixed => new ShareClaim(policy, profile?.Starts.Count ?? 1, new SharePart(0)),
            GpuMode.Shared => OfFraction(slice, policy),
            _ when canPartition => null,
            _ => new ShareClaim(SharePolicy.FixedShare, FixedPositions, new SharePart(PercentOf(slice, model))),
        };
    }

    private static ShareClaim OfFraction(SliceGrant slice, SharePolicy policy) => policy switch
    {
        SharePolicy.EqualShare => new ShareClaim(policy, WeightedPositions, new SharePart(0)),
        SharePolicy.FixedShare => new ShareClaim(policy, FixedPositions, new SharePart(slice.ComputePercent)),
        _ => new ShareClaim(
            SharePolicy.Weighted, WeightedPositions, new SharePart(slice.ComputePercent, slice.Shares, slice.LimitPercent)),
    };

    private static int PercentOf(SliceGrant slice, GpuModel model) =>
        model.ComputeUnits is { } all ? Math.Clamp(100 * slice.ComputeUnits / all, 1, 100) : 100;
}
