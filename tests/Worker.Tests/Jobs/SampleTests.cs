using GpuActors.Samples.Digits;
using GpuActors.Samples.Matmul;
using GpuActors.Worker.Jobs;

namespace GpuActors.Worker.Tests.Jobs;

public class SampleTests(JobExecutor executor) : IClassFixture<JobExecutor>
{
    [Fact]
    public async Task Digits_learns_to_read_and_comes_to_the_same_bits_again()
    {
        var job = new DigitsJob { Seed = 3 }.Build(DigitsData.Load());

        using var first = await executor.RunAsync(job);
        using var second = await executor.RunAsync(job);

        var result = DigitsResult.Read(
            first.Numbers<byte>(DigitsJob.LossOutput), first.Numbers<byte>(DigitsJob.AccuracyOutput));
        result.HeldOutAccuracy.ShouldBeGreaterThanOrEqualTo(0.95f);
        result.Loss[^1].ShouldBeLessThan(result.Loss[0] / 4);
        second.Outputs.Select(o => o.Sha256).ShouldBe(first.Outputs.Select(o => o.Sha256));
    }

    [Fact]
    public async Task Digits_says_which_digits_it_recognised()
    {
        var data = DigitsData.Load();
        using var outcome = await executor.RunAsync(new DigitsJob { Epochs = 3 }.Build(data));

        var predictions = outcome.Numbers<byte>(DigitsJob.PredictionsOutput);
        var right = predictions.Zip(data.Labels[data.Training..]).Count(pair => pair.First == pair.Second);

        ((float)right / data.HeldOut).ShouldBe(outcome.Numbers<float>(DigitsJob.AccuracyOutput)[^1]);
    }

    [Fact]
    public async Task Matmul_multiplies_right_and_takes_its_time()
    {
        var job = new MatmulJob { Size = 256, Rounds = 3 };

        using var outcome = await executor.RunAsync(job.Build());

        var result = MatmulResult.Read(
            job, outcome.Numbers<byte>(MatmulJob.ProductOutput), outcome.Numbers<byte>(MatmulJob.TimesOutput));
        result.LargestError.ShouldBe(0);
        result.Gflops.ShouldBeGreaterThan(0.01);
    }
}
