using System.Runtime.InteropServices;
using GpuActors.Shared.Jobs;
using GpuActors.Shared.Jobs.Expressions;
using GpuActors.Worker.Jobs;

namespace GpuActors.Worker.Tests.Jobs;

/// <summary>Puts a job of one program together, in few words.</summary>
internal sealed class TestJob(string source)
{
    private readonly Dictionary<string, JobInput> _inputs = [];
    private readonly Dictionary<string, JobBuffer> _buffers = [];
    private readonly Dictionary<string, JobImage> _images = [];
    private readonly Dictionary<string, JobOutput> _outputs = [];
    private readonly List<JobStep> _steps = [];

    /// <summary>A buffer with these numbers.</summary>
    public TestJob With<T>(string name, ReadOnlySpan<T> numbers)
        where T : struct
    {
        _inputs.Add(name, InlineInput.FromBytes(MemoryMarshal.AsBytes(numbers).ToArray()));
        _buffers.Add(name, new JobBuffer { From = name });
        return this;
    }

    public TestJob Input(string name, JobInput input)
    {
        _inputs.Add(name, input);
        return this;
    }

    public TestJob Buffer(string name, Expression size)
    {
        _buffers.Add(name, new JobBuffer { Size = size });
        return this;
    }

    public TestJob Image(string name, JobImage image)
    {
        _images.Add(name, image);
        return this;
    }

    public TestJob Output(string name, JobOutput output)
    {
        _outputs.Add(name, output);
        return this;
    }

    public TestJob Step(params JobStep[] steps)
    {
        _steps.AddRange(steps);
        return this;
    }

    public TestJob Launch(string kernel, Expression[] global, params JobArgument[] arguments) =>
        Step(Launched(kernel, global, null, arguments));

    public TestJob LaunchGroups(
        string kernel, Expression[] global, Expression[] local, params JobArgument[] arguments) =>
        Step(Launched(kernel, global, local, arguments));

    /// <summary>Reads a buffer or image into an output of its name.</summary>
    public TestJob Read(string name)
    {
        _outputs.TryAdd(name, new JobOutput());
        return Step(new ReadStep(name, name));
    }

    public JobDocument Build() => new()
    {
        Id = "test",
        Gpu = new GpuRequest { Whole = true },
        Programs = new Dictionary<string, JobProgram> { ["main"] = new(source) },
        Inputs = _inputs,
        Buffers = _buffers,
        Images = _images,
        Steps = _steps,
        Outputs = _outputs,
    };

    public static LaunchStep Launched(
        string kernel, Expression[] global, Expression[]? local, params JobArgument[] arguments) =>
        new(kernel, global) { Local = local, Arguments = arguments };
}

/// <summary>Reads outcomes in tests.</summary>
internal static class OutcomeReading
{
    /// <summary>The numbers of an output; the job must have completed.</summary>
    public static T[] Numbers<T>(this JobOutcome outcome, string output)
        where T : struct
    {
        outcome.Result.ShouldBe(JobResult.Completed, $"{outcome.Failure}");
        var data = outcome.Outputs.Single(o => o.Name == output);
        var bytes = data.Inline ?? File.ReadAllBytes(data.File!);
        return MemoryMarshal.Cast<byte, T>(bytes).ToArray();
    }
}
