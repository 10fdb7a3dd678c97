namespace GpuActors.Scheduler.Placement.Cells;

/// <summary>What is known of a cell where one has to be chosen for a request.</summary>
/// <typeparam name="TRequest">What is asked for.</typeparam>
public interface ICellSummary<in TRequest>
{
    /// <summary>Some host may have room for a request; false only if none surely has.</summary>
    bool MayFit(TRequest request);

    /// <summary>The part of the GPUs that a request may have that is free, 0 to 1.</summary>
    double FreePart(TRequest request);
}
