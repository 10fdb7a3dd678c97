using GpuActors.Interception.Handles;
using GpuActors.Interception.Memory;
using GpuActors.Interception.Streams;
using GpuActors.Shared.Commands;

namespace GpuActors.Interception.Objects;

/// <summary>
/// Builds, compilations and links. Without a function to call they are waited for; with one they go on while the program
/// does, and the function is called on the callbacks' thread, whatever came of it.
/// </summary>
internal sealed partial class ClProgram
{
    private const string ArgumentInfoOption = "-cl-kernel-arg-info";

    /// <summary>
    /// Whether the program may ask about its kernels' arguments: if it asked for that, or for nothing at all, as on PoCL.
    /// They are described in any case, for the library needs it.
    /// </summary>
    public bool HasArgumentInfo { get; private set; }

    /// <summary><c>clBuildProgram</c>.</summary>
    /// <param name="targets">Some of its devices; what is built for one is for all of its slice.</param>
    /// <param name="options">As the program gave them; null if it gave none.</param>
    /// <param name="notify">To be called at the end; null: the call waits for it.</param>
    /// <exception cref="ClFailure">The build failed, kernels of it live, or it has nothing to build.</exception>
    public void Build(ClDevice[] targets, string? options, Action? notify)
    {
        int[] slices = Begin(targets, options);
        HasArgumentInfo = _source is null ? HasArgumentInfo : AsksForArgumentInfo(options);
        var command = new BuildProgram(Id, BuildOptions.ForWorker(options ?? "", _source));
        Run(slices, command, options, ClNames.BinaryExecutable, notify);
    }

    /// <summary><c>clCompileProgram</c>.</summary>
    /// <exception cref="ClFailure">It failed, kernels of it live, or it has no source.</exception>
    public void Compile(ClDevice[] targets, string? options, ClProgram[] headers, string[] names, Action? notify)
    {
        ClFailure.Unless(_source is not null, OpenClErrors.InvalidOperation);
        int[] slices = Begin(targets, options);
        HasArgumentInfo = AsksForArgumentInfo(options);
        var command = new CompileProgram(
            Id, BuildOptions.ForWorker(options ?? "", _source), Array.ConvertAll(headers, header => header.Id),
            string.Join('\n', names));
        Run(slices, command, options, ClNames.BinaryCompiledObject, notify);
    }

    /// <summary><c>clLinkProgram</c>. The program is there even if linking has failed: it has the log.</summary>
    /// <exception cref="ClFailure">The linker was not even started.</exception>
    public static ClProgram Link(
        ClContext context, ClDevice[] devices, string? options, ClProgram[] inputs, Action<ClProgram>? notify)
    {
        var program = new ClProgram(context, devices, null, ProgramState.New)
        {
            HasArgumentInfo = Array.TrueForAll(inputs, input => input.HasArgumentInfo),
        };
        try
        {
            int[] slices = program.Begin(devices, options);
            bool isLibrary = options?.Contains("-create-library", StringComparison.Ordinal) == true;
            program.Run(
                slices,
                new LinkProgram(program.Id, context.Id, options ?? "", Array.ConvertAll(inputs, input => input.Id)), options,
                isLibrary ? ClNames.BinaryLibrary : ClNames.BinaryExecutable,
                notify is null ? null : () => notify(program));
            return program;
        }
        catch (ClFailure) when (program.FailureOf(devices) != OpenClErrors.Success)
        {
            return program; // it was linked, and that failed
        }
        catch
        {
            program.Release();
            throw;
        }
    }

    private static bool AsksForArgumentInfo(string? options) =>
        options?.Contains(ArgumentInfoOption, StringComparison.Ordinal) != false;

    /// <returns>The slices of the targets.</returns>
    private int[] Begin(ClDevice[] targets, string? options)
    {
        int[] slices = [.. targets.Select(Context.SliceOf).Distinct()];
        lock (_gate)
        {
            ClFailure.Unless(
                Volatile.Read(ref _kernelCount) == 0
                && Array.TrueForAll(slices, slice => _builds[slice]!.State.Status != ClNames.BuildInProgress),
                OpenClErrors.InvalidOperation);
            foreach (int slice in slices)
            {
                SliceBuild build = _builds[slice]!;
                (build.Kernels, build.Binary, build.Building) = (null, null, null);
                build.State = ProgramState.New with { Options = options ?? "", Status = ClNames.BuildInProgress };
            }
        }
        return slices;
    }

    /// <summary>Sends the command to each slice; waits for all if there is no function to call.</summary>
    private void Run<T>(int[] slices, T command, string? options, uint binaryType, Action? notify)
        where T : struct, ICommand<BuildResult>
    {
        Hold(); // the last reply may come after the last release
        int left = slices.Length;
        Reply<BuildResult>[] replies = Array.ConvertAll(
            slices, _ => new Reply<BuildResult> { IsUnattended = notify is not null });
        for (var i = 0; i < slices.Length; i++)
        {
            (SliceBuild build, Reply<BuildResult> reply) = (_builds[slices[i]]!, replies[i]);
            reply.ContinueWith(() =>
            {
                Volatile.Write(ref build.State, StateOf(reply, options ?? "", binaryType, notify is not null));
                if (Interlocked.Decrement(ref left) == 0 && notify is not null)
                    CallbackThread.Post(() => Conclude(notify));
            });
            Volatile.Write(ref build.Building, reply);
            Start(Context.Streams[slices[i]], command, reply);
        }
        if (notify is null)
            Await(slices, replies);
    }

    private static void Start<T>(CommandStream stream, in T command, Reply<BuildResult> reply)
        where T : struct, ICommand<BuildResult>
    {
        try
        {
            stream.Send(command, reply);
            stream.Flush();
        }
        catch (ClFailure failure)
        {
            if (!reply.IsOver)
                reply.Fail(failure.Code, failure.Message); // the connection is lost
        }
    }

    /// <summary>What a reply says. A command that was refused has built nothing; only who is called later hears of it here.</summary>
    private static ProgramState StateOf(Reply<BuildResult> reply, string options, uint binaryType, bool isToldLater) =>
        reply.Code == OpenClErrors.Success ? new ProgramState(reply.Value, options, binaryType)
        : isToldLater ? new ProgramState(new BuildResult(reply.Code, reply.Why ?? ""), options, binaryType)
        : ProgramState.New with { Options = options };

    private void Await(int[] slices, Reply<BuildResult>[] replies)
    {
        try
        {
            foreach (int slice in slices)
                Settled(slice);
            foreach (Reply<BuildResult> reply in replies)
                reply.ThrowIfFailed();
            foreach (Reply<BuildResult> reply in replies)
            {
                if (!reply.Value.Succeeded)
                    throw new ClFailure(reply.Value.Code, reply.Value.Log);
            }
        }
        finally
        {
            Drop();
        }
    }

    private void Conclude(Action notify)
    {
        notify();
        Drop();
    }

    /// <summary>
    /// How the last build for a slice ended. One under way is waited for: who has a function called and uses the program at
    /// once, as if the build had been waited for, gets what it wants.
    /// </summary>
    private ProgramState Settled(int slice)
    {
        SliceBuild build = _builds[slice]!;
        CommandStream stream = Context.Streams[slice];
        while (Volatile.Read(ref build.State) is { Status: ClNames.BuildInProgress }
            && Volatile.Read(ref build.Building) is { } building)
        {
            stream.Flush();
            stream.Wait(building);
            // Whoever read the reply is about to say so.
            SpinWait.SpinUntil(() => Volatile.Read(ref build.State).Status != ClNames.BuildInProgress);
        }
        return Volatile.Read(ref build.State);
    }
}
