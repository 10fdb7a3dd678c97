using GpuActors.Scheduler.Placement.Capacity;
using GpuActors.Scheduler.Placement.Constraints;

namespace GpuActors.Scheduler.Placement;

/// <summary>
/// Labels of jobs that kept somebody from a place, because jobs with them ran there, or did not. When such a job comes or
/// goes, it is not only its own devices that may serve others from then on. Labels are kept for good: a word too much
/// to the queue costs a look.
/// </summary>
internal sealed class AwaitedLabels
{
    /// <summary>Beyond so many, any label may be one of them.</summary>
    private const int Limit = 10_000;

    private readonly HashSet<string> _labels = new(StringComparer.Ordinal);

    /// <summary>A request with these terms found no room.</summary>
    public void Add(PlacementTerms terms)
    {
        foreach (var term in terms.All)
        {
            if (term is { Subject: TermSubject.Tasks, IsMust: true } && _labels.Count < Limit)
            {
                _labels.Add(term.Label);
            }
        }
    }

    /// <summary>One of the labels may be one of them.</summary>
    public bool Contains(TaskLabels labels)
    {
        if (_labels.Count >= Limit)
        {
            return true;
        }

        foreach (var label in labels.All)
        {
            if (_labels.Contains(label))
            {
                return true;
            }
        }

        return false;
    }
}
