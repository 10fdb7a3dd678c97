namespace GpuActors.Shared.Devices;

/// <summary>How turns are measured (NVIDIA Virtual GPU User Guide 17, 7.1 and 7.2).</summary>
public sealed record TimeSliceSettings
{
    /// <summary>A GPU whose type has more than this many vGPUs switches twice as often.</summary>
    private const int FewVgpus = 8;

    private const int FewFrequency = 480;
    private const int ManyFrequency = 960;
    /// <summary>Turns a second with strict round robin.</summary>
    public const int FrequencyMin = 63;
    /// <summary>Turns a second with strict round robin.</summary>
    public const int FrequencyMax = 960;
    /// <summary>Turns over which an overrun is made up for.</summary>
    public const int AveragingFactorMax = 60;
    private static readonly TimeSpan FewSlice = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan ManySlice = TimeSpan.FromMilliseconds(1);
    /// <summary>Length of a turn without strict round robin.</summary>
    public static readonly TimeSpan SliceMin = TimeSpan.FromMilliseconds(1);
    /// <summary>Length of a turn without strict round robin.</summary>
    public static readonly TimeSpan SliceMax = TimeSpan.FromMilliseconds(30);

    /// <summary>Who gets how much.</summary>
    public SharePolicy Policy { get; init; } = SharePolicy.BestEffort;

    /// <summary>Equal and fixed share: a fixed order of turns; otherwise whoever had the least time is next.</summary>
    public bool StrictRoundRobin { get; init; } = true;

    /// <summary>Turns a second with strict round robin, clamped to 63 to 960; null: by the number of vGPUs.</summary>
    public int? FrequencyHz { get; init; }

    /// <summary>Length of a turn without strict round robin, clamped to 1 to 30 ms; null: by the number of vGPUs.</summary>
    public TimeSpan? Slice { get; init; }

    /// <summary>Over how many turns the time by which one was overrun is made up for, clamped to 1 to 60.</summary>
    public int AveragingFactor { get; init; } = 33;

    /// <summary>
    /// A session whose kernel holds the GPU for longer than this beyond its turn, while others wait for theirs, is ended;
    /// null: never.
    /// </summary>
    public TimeSpan? OverrunMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a turn is where at most <paramref name="vgpusMax"/> vGPUs may be.</summary>
    public TimeSpan SliceFor(int vgpusMax)
    {
        var many = vgpusMax > FewVgpus;
        if (Policy is SharePolicy.BestEffort or SharePolicy.Weighted || !StrictRoundRobin)
        {
            var wanted = Slice ?? (many ? ManySlice : FewSlice);
            return wanted < SliceMin ? SliceMin : wanted > SliceMax ? SliceMax : wanted;
        }

        var frequency = Math.Clamp(FrequencyHz ?? (many ? ManyFrequency : FewFrequency), FrequencyMin, FrequencyMax);
        return TimeSpan.FromSeconds(1.0 / frequency);
    }

    /// <summary>
    /// How much of an overrun the next turn is shortened by: <c>accrued / averagingFactor</c>, at most the whole turn.
    /// </summary>
    public TimeSpan Shorten(TimeSpan accruedOvershoot, TimeSpan slice)
    {
        var part = accruedOvershoot / Math.Clamp(AveragingFactor, 1, AveragingFactorMax);
        return part < slice ? part : slice;
    }

    /// <summary>
    /// Reads a value of the driver's setting RmPVMRL, which operators have in their notes: 0x00 best effort, 0x01 equal
    /// share, 0x11 fixed share; 0xAAFFF001 and 0xAAFFF011 with averaging factor and frequency; 0x00TT0003 and
    /// 0x00TT0013 without strict round robin, turns of TT ms.
    /// </summary>
    /// <exception cref="ArgumentException">It has another form.</exception>
    public static TimeSliceSettings FromRegistry(uint value)
    {
        var policy = (value & 0xFD) switch
        {
            0x00 when value == 0 => SharePolicy.BestEffort,
            0x01 => SharePolicy.EqualShare,
            0x11 => SharePolicy.FixedShare,
            _ => throw new ArgumentException(
                $"0x{value:X8} is not a value of RmPVMRL; 0x00, 0x01, 0x11, 0xAAFFF001, 0xAAFFF011, 0x00TT0003 and "
                + "0x00TT0013 are."),
        };
        var strict = (value & 0x02) == 0;
        var settings = new TimeSliceSettings { Policy = policy, StrictRoundRobin = strict };
        return strict
            ? settings with
            {
                AveragingFactor = value >> 24 is > 0 and var factor ? (int)factor : settings.AveragingFactor,
                FrequencyHz = ((value >> 12) & 0xFFF) is > 0 and var frequency ? (int)frequency : null,
            }
            : settings with
            {
                Slice = ((value >> 16) & 0xFF) is > 0 and var ms ? TimeSpan.FromMilliseconds(ms) : null,
            };
    }
}
