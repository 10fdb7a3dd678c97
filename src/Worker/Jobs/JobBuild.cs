using System.Text;
using GpuActors.Shared.Commands;
using GpuActors.Shared.Jobs;
using GpuActors.Shared.Jobs.Planning;

namespace GpuActors.Worker.Jobs;

/// <summary>
/// Builds a job's programs. All of it is sent at once; an executor that has built the same program for the tenant
/// before answers from its cache.
/// </summary>
internal sealed class JobBuild(ICommandSink sink, JobPlan plan, JobObjects objects)
{
    private const int LineMax = 200;

    /// <summary>Builds all programs and describes their kernels, by the programs' numbers.</summary>
    /// <exception cref="JobFailureException">One does not build.</exception>
    /// <exception cref="CommandException">A command failed.</exception>
    public async Task<ProgramDescription[]> RunAsync(CancellationToken cancellationToken)
    {
        var builds = new Task<BuildResult>[plan.Programs.Length];
        var descriptions = new Task<ProgramDescription>[plan.Programs.Length];
        for (var i = 0; i < builds.Length; i++)
        {
            var program = plan.Programs[i].Value;
            var source = Encoding.UTF8.GetBytes(program.Source);
            var create = new CreateProgramWithSource(objects.Program(i), JobObjects.Context, (ulong)source.Length);
            await sink.SendAsync(create, source, cancellationToken).ConfigureAwait(false);
            builds[i] = sink.RequestAsync(new BuildProgram(objects.Program(i), program.Options), cancellationToken);
            descriptions[i] = sink.RequestAsync(new DescribeProgram(objects.Program(i)), cancellationToken);
        }

        return await WaitAsync(builds, descriptions).ConfigureAwait(false);
    }

    private async Task<ProgramDescription[]> WaitAsync(
        Task<BuildResult>[] builds, Task<ProgramDescription>[] descriptions)
    {
        // A program that does not build has no description either; what is wrong is the build.
        var described = Task.WhenAll(descriptions);
        _ = described.ContinueWith(
            static task => task.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        var results = await Task.WhenAll(builds).ConfigureAwait(false);
        for (var i = 0; i < results.Length; i++)
        {
            if (!results[i].Succeeded)
            {
                throw new JobFailureException(FailureOf(plan.Programs[i].Key, results[i]));
            }
        }

        return await described.ConfigureAwait(false);
    }

    private static JobFailure FailureOf(string name, BuildResult result) => new(
        JobFailureKinds.Build,
        $"Program '{name}' does not build ({OpenClErrors.Name(result.Code)}{FirstLine(result.Log)}); see the log.",
        JsonPointer.Root.Field("programs").Field(name).ToString(), result.Log);

    /// <summary>What the compiler says first, mostly what is wrong.</summary>
    private static string FirstLine(string log)
    {
        var lines = log.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var line = Array.Find(lines, l => l.Contains("error", StringComparison.OrdinalIgnoreCase)) ?? lines.FirstOrDefault();
        return line is null ? "" : ": " + (line.Length <= LineMax ? line : line[..LineMax] + "…");
    }
}
