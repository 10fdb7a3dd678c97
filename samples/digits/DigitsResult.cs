using System.Runtime.InteropServices;

namespace GpuActors.Samples.Digits;

/// <summary>What a digits job found out.</summary>
/// <param name="Loss">The mean training loss of each epoch.</param>
/// <param name="Accuracy">The share of held-out digits recognised after each epoch.</param>
public sealed record DigitsResult(float[] Loss, float[] Accuracy)
{
    /// <summary>The share of held-out digits recognised in the end.</summary>
    public float HeldOutAccuracy => Accuracy[^1];

    /// <summary>Reads the job's outputs.</summary>
    /// <param name="loss">The bytes of <see cref="DigitsJob.LossOutput"/>.</param>
    /// <param name="accuracy">The bytes of <see cref="DigitsJob.AccuracyOutput"/>.</param>
    public static DigitsResult Read(ReadOnlySpan<byte> loss, ReadOnlySpan<byte> accuracy) => new(
        MemoryMarshal.Cast<byte, float>(loss).ToArray(), MemoryMarshal.Cast<byte, float>(accuracy).ToArray());

    /// <summary>Writes the loss curve, every tenth epoch, and the accuracy in the end.</summary>
    public void WriteTo(TextWriter writer)
    {
        for (var epoch = 0; epoch < Loss.Length; epoch++)
        {
            if ((epoch + 1) % 10 == 0 || epoch == 0 || epoch == Loss.Length - 1)
            {
                writer.WriteLine(
                    $"epoch {epoch + 1,3}   loss {Loss[epoch]:F4}   held-out accuracy {Accuracy[epoch]:F4}");
            }
        }

        writer.WriteLine($"held-out accuracy {HeldOutAccuracy:F4}");
    }
}
