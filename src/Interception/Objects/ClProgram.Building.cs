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

    private Reply? _building;

    /// <summary>
    /// Whether the program may ask about its kernels' arguments: if it asked for that, or for nothing at all, as on PoCL.
    /// They are described in any case, for the library needs it.
    /// </summary>
    public bool HasArgumentInfo { get; private set; }

    /// <summary><c>clBuildProgram</c>.</summary>
    /// <param name="options">As the program gave them; null if it gave none.</param>
    /// <param name="notify">To be called at the end; null: the call waits for it.</param>
    /// <exception cref="ClFailure">The build failed, kernels of it live, or it has nothing to build.</exception>
    public void Build(string? options, Action? notify)
    {
        Begin(options);
        HasArgumentInfo = _source is null ? HasArgumentInfo : AsksForArgumentInfo(options);
        var command = new BuildProgram(Id, BuildOptions.ForWorker(options ?? "", _source));
        Run(command, options, ClNames.BinaryExecutable, notify);
    }

    /// <summary><c>clCompileProgram</c>.</summary>
    /// <exception cref="ClFailure">It failed, kernels of it live, or it has no source.</exception>
    public void Compile(string? options, ClProgram[] headers, string[] names, Action? notify)
    {
        ClFailure.Unless(_source is not null, OpenClErrors.InvalidOperation);
        Begin(options);
        HasArgumentInfo = AsksForArgumentInfo(options);
        var command = new CompileProgram(
            Id, BuildOptions.ForWorker(options ?? "", _source), Array.ConvertAll(headers, header => header.Id),
            string.Join('\n', names));
        Run(command, options, ClNames.BinaryCompiledObject, notify);
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
            program.Begin(options);
            bool isLibrary = options?.Contains("-create-library", StringComparison.Ordinal) == true;
            program.Run(
                new LinkProgram(program.Id, context.Id, options ?? "", Array.ConvertAll(inputs, input => input.Id)), options,
                isLibrary ? ClNames.BinaryLibrary : ClNames.BinaryExecutable,
                notify is null ? null : () => notify(program));
            return program;
        }
        catch (ClFailure) when (!program.State.Result.Succeeded)
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

    private void Begin(string? options)
    {
        lock (_gate)
        {
            ClFailure.Unless(
                Volatile.Read(ref _kernelCount) == 0 && _state.Status != ClNames.BuildInProgress,
                OpenClErrors.InvalidOperation);
            _kernels = null;
            _binary = null;
            _state = ProgramState.New with { Options = options ?? "", Status = ClNames.BuildInProgress };
        }
    }

    private void Run<T>(in T command, string? options, uint binaryType, Action? notify)
        where T : struct, ICommand<BuildResult>
    {
        try
        {
            if (notify is not null)
            {
                Start(command, options, binaryType, notify);
                return;
            }
            Become(new ProgramState(Stream.Ask<T, BuildResult>(command), options ?? "", binaryType));
        }
        catch (Exception)
        {
            // It was not even begun.
            Become(ProgramState.New with { Options = options ?? "" });
            throw;
        }
        if (!State.Result.Succeeded)
            throw new ClFailure(State.Result.Code, State.Result.Log);
    }

    /// <summary>
    /// How the last build ended. One under way is waited for: who has a function called and uses the program at once, as
    /// if the build had been waited for, gets what it wants.
    /// </summary>
    public ProgramState Settled()
    {
        while (State is { Status: ClNames.BuildInProgress } && Volatile.Read(ref _building) is { } building)
        {
            Stream.Flush();
            Stream.Wait(building);
            SpinWait.SpinUntil(() => State.Status != ClNames.BuildInProgress); // whoever read the reply is about to say so
        }
        return State;
    }

    private void Start<T>(in T command, string? options, uint binaryType, Action notify)
        where T : struct, ICommand<BuildResult>
    {
        Hold(); // the reply may come after the last release
        var reply = new Reply<BuildResult> { IsUnattended = true };
        Volatile.Write(ref _building, reply);
        try
        {
            Stream.Send(command, reply);
        }
        catch
        {
            Drop();
            throw;
        }
        reply.ContinueWith(() =>
        {
            BuildResult result =
                reply.Code == OpenClErrors.Success ? reply.Value : new BuildResult(reply.Code, reply.Why ?? "");
            Become(new ProgramState(result, options ?? "", binaryType));
            CallbackThread.Post(() =>
            {
                notify();
                Drop();
            });
        });
        Stream.Flush();
    }

    private void Become(ProgramState state) => Volatile.Write(ref _state, state);
}
