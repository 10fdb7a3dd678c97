using GpuActors.Shared.Commands;
using GpuActors.Shared.Jobs;
using GpuActors.Shared.Jobs.Planning;

namespace GpuActors.Worker.Jobs;

/// <summary>
/// Turns a plan into the commands of its session. Nothing here waits or transfers anything: the same plan, kernels and
/// input sizes give the same commands, so that they can be tested, and made again for a replay.
/// </summary>
internal sealed class JobCommands(JobPlan plan, JobObjects objects, PlanState state)
{
    /// <summary>Bytes transferred by one command; larger transfers are several.</summary>
    public const int TransferBytes = 1 << 20;

    private readonly Dictionary<PlannedLaunch, PreparedLaunch> _launches = new(ReferenceEqualityComparer.Instance);

    /// <summary>Creates context and queue.</summary>
    public static (CreateContext Context, CreateQueue Queue) Begin(ulong device, bool takesTimes) =>
    (
        new CreateContext(JobObjects.Context, device),
        new CreateQueue(
            JobObjects.Queue, JobObjects.Context, device,
            QueueFlags.StopOnError | (takesTimes ? QueueFlags.Profiling : QueueFlags.None))
    );

    /// <summary>Checks every launch against the built programs and creates the kernels.</summary>
    /// <exception cref="JobFailureException">A kernel does not exist, or its arguments do not fit.</exception>
    public IEnumerable<JobCommand> CreateKernels(ProgramDescription[] programs)
    {
        foreach (var launch in LaunchesOf(plan.Root))
        {
            var kernel = KernelParameters.Find(programs[launch.Program], plan.Programs[launch.Program].Key, launch);
            KernelParameters.Check(kernel, launch);
            var id = objects.Kernel(launch.Program, launch.Kernel, out var isNew);
            if (isNew)
            {
                yield return new JobCommand(
                    launch.Place, new CreateKernel(id, objects.Program(launch.Program), launch.Kernel));
            }

            _launches[launch] = new PreparedLaunch(launch, id, objects);
        }
    }

    /// <summary>Creates declared memory, then does all steps. A command's arguments are valid until the next.</summary>
    /// <exception cref="JobFailureException">A number is out of range in some round.</exception>
    public IEnumerable<JobCommand> Run()
    {
        foreach (var memory in plan.Declared)
        {
            foreach (var command in Create(memory.Place, memory))
            {
                yield return command;
            }
        }

        var walk = new JobWalk(plan, state);
        while (walk.MoveNext())
        {
            if (walk.Step is not { } step)
            {
                yield return new JobCommand(walk.Released[0].Place, Release(walk.Released));
                continue;
            }

            // The last command of a step ends it.
            JobCommand? held = null;
            foreach (var command in CommandsOf(step))
            {
                if (held is { } earlier)
                {
                    yield return earlier;
                }

                held = command;
            }

            yield return held!.Value with { EndsStep = true };
        }
    }

    private IEnumerable<JobCommand> CommandsOf(PlannedStep step) => step switch
    {
        PlannedLaunch launch => [new JobCommand(launch.Place, _launches[launch].Resolve(state))],
        PlannedCopy copy => [Copy(copy)],
        PlannedFill fill => [Fill(fill)],
        PlannedWrite write => Write(write),
        PlannedRead read => Read(read),
        PlannedClock clock => [Clock(clock)],
        PlannedCreate create => Create(create.Place, create.Memory),
        PlannedRelease release => [new JobCommand(release.Place, Release([release.Memory]))],
        _ => throw new InvalidOperationException($"No command for a step of type {step.GetType().Name}."),
    };

    private IEnumerable<JobCommand> Create(JsonPointer place, PlannedMemory memory)
    {
        if (!memory.TryGetBytes(state, out var bytes, out var fault))
        {
            throw Failure(fault!);
        }

        state.MemoryBytes[memory.Slot] = bytes;
        yield return new JobCommand(place, memory.Image is null
            ? new CreateBuffer(objects.Memory(memory), JobObjects.Context, (ulong)bytes)
            : CreateImage(memory));
        if (memory.Input is { } input)
        {
            foreach (var command in Write(place, memory, input, new Extent(0, state.InputBytes[input]), 0))
            {
                yield return command;
            }
        }
    }

    private CreateImage CreateImage(PlannedMemory memory)
    {
        memory.TryGetDimensions(state, out var width, out var height, out var depth, out _);
        var size = new WorkSize((ulong)width, (ulong)height, (ulong)depth);
        var type = memory.Image!.Dimensions switch
        {
            1 => MemObjectType.Image1D,
            2 => MemObjectType.Image2D,
            _ => MemObjectType.Image3D,
        };
        return new CreateImage(
            objects.Memory(memory), JobObjects.Context, ImageFormats.Of(memory.Image), new ImageShape(type, size));
    }

    private IEnumerable<JobCommand> Write(PlannedWrite write) =>
        write.TryGet(state, out var source, out var target, out var fault)
            ? Write(write.Place, write.Memory, write.Input, source, target)
            : throw Failure(fault!);

    private IEnumerable<JobCommand> Write(
        JsonPointer place, PlannedMemory memory, int input, Extent source, long target)
    {
        var id = objects.Memory(memory);
        if (memory.Image is not null)
        {
            return Bands(memory).Select(band => new JobCommand(
                place, new WriteImage(JobObjects.Queue, id, band.Origin, band.Region, (ulong)band.SizeBytes))
            {
                Input = input, InputOffset = source.Offset + band.Offset, SizeBytes = band.SizeBytes,
            });
        }

        return Pieces(source.Size).Select(piece => new JobCommand(
            place, new WriteBuffer(JobObjects.Queue, id, (ulong)(target + piece.Offset), (ulong)piece.Size))
        {
            Input = input, InputOffset = source.Offset + piece.Offset, SizeBytes = (int)piece.Size,
        });
    }

    private IEnumerable<JobCommand> Read(PlannedRead read)
    {
        if (!read.TryGet(state, out var source, out var fault))
        {
            throw Failure(fault!);
        }

        var id = objects.Memory(read.Memory);
        if (read.Memory.Image is not null)
        {
            return Bands(read.Memory).Select(band => new JobCommand(
                read.Place, new ReadImage(JobObjects.Queue, id, band.Origin, band.Region))
            {
                Output = read.Output, SizeBytes = band.SizeBytes,
            });
        }

        return Pieces(source.Size).Select(piece => new JobCommand(
            read.Place, new ReadBuffer(JobObjects.Queue, id, (ulong)(source.Offset + piece.Offset), (ulong)piece.Size))
        {
            Output = read.Output, SizeBytes = (int)piece.Size,
        });
    }

    private JobCommand Copy(PlannedCopy copy) =>
        copy.TryGet(state, out var source, out var target, out var fault)
            ? new JobCommand(copy.Place, new CopyBuffer(
                JobObjects.Queue, objects.Memory(copy.From), objects.Memory(copy.To), (ulong)source.Offset,
                (ulong)target, (ulong)source.Size))
            : throw Failure(fault!);

    private JobCommand Fill(PlannedFill fill)
    {
        var pattern = new byte[fill.Value.Type.SizeBytes];
        return fill.TryGet(state, out var target, out var fault) && fill.Value.TryWrite(state, pattern, out fault)
            ? new JobCommand(fill.Place, new FillBuffer(
                JobObjects.Queue, objects.Memory(fill.Memory), (ulong)target.Offset, (ulong)target.Size, pattern))
            : throw Failure(fault!);
    }

    private static JobCommand Clock(PlannedClock clock) =>
        new(clock.Place, new EnqueueMarker(new Enqueue(JobObjects.Queue, Notify: true)))
        {
            Output = clock.Output, SizeBytes = PlannedClock.SizeBytes,
        };

    private Release Release(IReadOnlyList<PlannedMemory> memory) => new(memory.Select(objects.Memory).ToArray());

    private IEnumerable<ImageBand> Bands(PlannedMemory memory)
    {
        memory.TryGetDimensions(state, out var width, out var height, out var depth, out _);
        return ImageBand.Of(width, height, depth, memory.Image!.PixelBytes, TransferBytes);
    }

    private static IEnumerable<Extent> Pieces(long size)
    {
        for (var offset = 0L; offset < size; offset += TransferBytes)
        {
            yield return new Extent(offset, Math.Min(TransferBytes, size - offset));
        }
    }

    private static IEnumerable<PlannedLaunch> LaunchesOf(PlannedBlock block) =>
        block.Steps.SelectMany(step => step switch
    {
        PlannedLaunch launch => [launch],
        PlannedRepeat repeat => LaunchesOf(repeat.Body),
        _ => Enumerable.Empty<PlannedLaunch>(),
    });

    private static JobFailureException Failure(StepFault fault) =>
        new(JobFailureKinds.Step, fault.Place, fault.Message);
}
