using GpuActors.Shared.Devices;

namespace GpuActors.Worker.Sharing;

/// <summary>What a slice is entitled to of the compute of its GPU.</summary>
/// <param name="ReservedPercent">
/// What it gets whenever it wants it; 0: one position's part where the policy knows positions, otherwise nothing.
/// </param>
/// <param name="Shares">Its part of what nobody has reserved, or has reserved and does not use.</param>
/// <param name="LimitPercent">The most that it gets, whoever else is idle.</param>
public readonly record struct SharePart(
    int ReservedPercent, ShareLevel Shares = ShareLevel.Normal, int LimitPercent = 100);
