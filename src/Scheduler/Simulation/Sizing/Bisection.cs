namespace GpuActors.Scheduler.Simulation.Sizing;

/// <summary>Searches where an answer turns, with few questions, because each is a simulation.</summary>
public static class Bisection
{
    /// <summary>
    /// The smallest number that is enough, given that a larger one is enough too: doubles from
    /// <paramref name="from"/>, then halves the gap.
    /// </summary>
    /// <param name="from">At least 1; where to begin.</param>
    /// <param name="limit">No more than that are tried.</param>
    /// <param name="isEnough">Asks.</param>
    /// <returns>The number; null if the limit is not enough.</returns>
    public static int? Smallest(int from, int limit, Func<int, bool> isEnough)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(from, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, from);
        var tooFew = 0;
        var enough = from;
        while (!isEnough(enough))
        {
            if (enough == limit)
            {
                return null;
            }

            tooFew = enough;
            enough = (int)Math.Min((long)enough * 2, limit);
        }

        while (enough - tooFew > 1)
        {
            var middle = tooFew + ((enough - tooFew) / 2);
            (tooFew, enough) = isEnough(middle) ? (tooFew, middle) : (middle, enough);
        }

        return enough;
    }

    /// <summary>
    /// The largest amount that can be borne, given that less can be borne too: doubles or halves from
    /// <paramref name="from"/>, then halves the gap until it is below <paramref name="precision"/> of the amount.
    /// </summary>
    /// <param name="from">Above 0; where to begin.</param>
    /// <param name="precision">Above 0: 0.01 is to the percent.</param>
    /// <param name="canBear">Asks.</param>
    /// <returns>The amount; 0 if even a millionth of <paramref name="from"/> can't be borne.</returns>
    public static double Largest(double from, double precision, Func<double, bool> canBear)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(from);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(precision);
        const double Reach = 1e6;
        var (borne, tooMuch) = (from, from);
        if (canBear(from))
        {
            do
            {
                (borne, tooMuch) = (tooMuch, tooMuch * 2);
            }
            while (tooMuch <= from * Reach && canBear(tooMuch));
        }
        else
        {
            do
            {
                (borne, tooMuch) = (borne / 2, borne);
                if (borne < from / Reach)
                {
                    return 0;
                }
            }
            while (!canBear(borne));
        }

        while (tooMuch - borne > precision * borne)
        {
            var middle = (borne + tooMuch) / 2;
            (borne, tooMuch) = canBear(middle) ? (middle, tooMuch) : (borne, middle);
        }

        return borne;
    }
}
