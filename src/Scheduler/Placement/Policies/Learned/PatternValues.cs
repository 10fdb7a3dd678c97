using System.Numerics;

namespace GpuActors.Scheduler.Placement.Policies.Learned;

/// <summary>
/// What the rest of a GPU is worth: V(f) in thousandths of a GPU for f thousandths free, V(0) = 0, V(1000) = 1000.
/// </summary>
/// <remarks>
/// A <em>pattern</em> is a set of requests that fit on one GPU together. Each size q has a weight u(q), a pattern the
/// product of its members' weights; Z(f), the sum of the weights of all patterns that fit into f, comes from the recursion
/// of the unbounded knapsack. Weights are moved until a pattern drawn at random, each with probability weight/Z(1000),
/// has the sizes in the proportion in which they arrive, while ln Z(1000) stays near <see cref="Sharpness"/>. Then
/// V(f) = ln Z(f) / ln Z(1000). As sharpness grows, ln u(q)/ln Z(1000) tends to the dual prices of the cutting-stock
/// problem (Gilmore and Gomory, 1961), and V to what they say that a rest is worth; finite sharpness keeps prices unique and lets them
/// change steadily with what arrives.
/// </remarks>
internal sealed class PatternValues
{
    /// <summary>Sizes and rests are told apart in steps of so many thousandths.</summary>
    private const int StepMilli = 10;

    private const int Steps = 1000 / StepMilli;
    private const double Sharpness = 80;
    private const double WeightRate = 0.3;
    private const double ScaleRate = 0.05;
    private const double StepLimit = 1;

    private readonly double[] _weights = new double[Steps + 1];
    private readonly double[] _shares = new double[Steps + 1];
    private readonly double[] _sums = new double[Steps + 1];
    private readonly double[] _values = new double[Steps + 1];
    private double _scale = 1;

    /// <summary>Before anything is known tight rests are preferred, which is what V(f) = f² says.</summary>
    public PatternValues()
    {
        for (var step = 0; step <= Steps; step++)
        {
            _sums[step] = Math.Exp(Sharpness * step / Steps);
            _values[step] = 1000.0 * step * step / (Steps * Steps);
        }
    }

    /// <summary>V at f = 0, 10, … 1000 thousandths, in thousandths of a GPU.</summary>
    public ReadOnlySpan<double> Values => _values;

    /// <summary>The place in <see cref="Values"/> of a rest.</summary>
    public static int IndexOf(int freeMilli) => freeMilli / StepMilli;

    /// <summary>One step towards the proportions in which sizes arrive.</summary>
    /// <returns>The most that a value has moved by, in thousandths of a GPU.</returns>
    public double Learn(ArrivalMix mix)
    {
        if (!Count(mix))
        {
            return 0;
        }

        AdmitNewSizes();
        _scale *= Math.Exp(ScaleRate * (Sharpness - Math.Log(_sums[Steps])));
        for (var size = 1; size <= Steps; size++)
        {
            if (_shares[size] > 0)
            {
                var step = WeightRate * Math.Log(_scale * _shares[size] / ExpectedCount(size));
                _weights[size] *= Math.Exp(Math.Clamp(step, -StepLimit, StepLimit));
            }
        }

        SumPatterns();
        var (whole, moved) = (Math.Log(_sums[Steps]), 0.0);
        for (var step = 0; step <= Steps; step++)
        {
            var value = 1000 * Math.Log(_sums[step]) / whole;
            moved = Math.Max(moved, Math.Abs(value - _values[step]));
            _values[step] = value;
        }

        return moved;
    }

    /// <summary>The part that each size has of all GPUs asked for, by number; false if none was.</summary>
    private bool Count(ArrivalMix mix)
    {
        Array.Clear(_shares);
        var total = 0.0;
        for (var i = 0; i < mix.Count; i++)
        {
            var request = mix.ClassOf(i);
            if (request.GpuCount > 0)
            {
                var count = mix.WeightOf(i) * request.GpuCount;
                _shares[(request.GpuMilli + StepMilli - 1) / StepMilli] += count;
                total += count;
            }
        }

        for (var size = 1; size <= Steps && total > 0; size++)
        {
            _shares[size] /= total;
        }

        return total > 0;
    }

    /// <summary>
    /// A size that is new counts at first as its part of a GPU. Without that, expected counts would be those of patterns
    /// that do not know it, and far from any share.
    /// </summary>
    private void AdmitNewSizes()
    {
        var (isNew, whole) = (false, Math.Log(_sums[Steps]));
        for (var size = 1; size <= Steps; size++)
        {
            if (_shares[size] > 0 && _weights[size] == 0)
            {
                _weights[size] = Math.Exp(whole * size / Steps);
                isNew = true;
            }
        }

        if (isNew)
        {
            SumPatterns();
        }
    }

    /// <summary>Z(f) for all f: each size in turn may be taken any number of times.</summary>
    private void SumPatterns()
    {
        Array.Fill(_sums, 1);
        for (var size = 1; size <= Steps; size++)
        {
            if (_shares[size] > 0)
            {
                AddPatternsWith(size);
            }
        }
    }

    /// <summary>Z(f) += u Z(f - q) for f = q, q + 1, …: as many f at once as one of them can't need the other's.</summary>
    private void AddPatternsWith(int size)
    {
        var (weight, sums, width) = (_weights[size], _sums, Vector<double>.Count);
        var free = size;
        if (size >= width)
        {
            for (var weights = new Vector<double>(weight); free <= Steps + 1 - width; free += width)
            {
                (new Vector<double>(sums, free) + (weights * new Vector<double>(sums, free - size))).CopyTo(sums, free);
            }
        }

        for (; free <= Steps; free++)
        {
            sums[free] += weight * sums[free - size];
        }
    }

    /// <summary>How many of a size a random pattern has: the sum over j of u^j Z(1000 - j q) / Z(1000).</summary>
    private double ExpectedCount(int size)
    {
        var (expected, power) = (0.0, 1.0);
        for (var free = Steps - size; free >= 0; free -= size)
        {
            power *= _weights[size];
            expected += power * _sums[free];
        }

        return expected / _sums[Steps];
    }
}
