using System.ComponentModel;
using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using GpuActors.Shared.Commands;
using Microsoft.Extensions.Logging;

namespace GpuActors.Worker.Executors.Pool;

internal sealed partial class ExecutorProcess
{
    /// <summary>Bytes of sun_path without its final zero (unix(7)).</summary>
    private const int MaxSocketPathBytes = 107;

    /// <summary>Starts a process and waits until its device is open. If that fails, the process is gone.</summary>
    /// <exception cref="ExecutorUnavailableException">It could not be started; says why, with its standard error.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static async Task<ExecutorProcess> StartAsync(
        ExecutorCommand command, ExecutorPlace place, ProcessFolder folder, ExecutorPoolSettings settings,
        TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        using var listener = Listen(folder.Socket);
        using var clients = Listen(folder.Clients);
        try
        {
            var executor = Launch(command, place, folder, settings, time, logger);
            await executor.BecomeReadyAsync(listener, clients, settings.StartTimeout, cancellationToken).ConfigureAwait(false);
            return executor;
        }
        finally
        {
            File.Delete(folder.Socket);
            File.Delete(folder.Clients);
        }
    }

    private static Socket Listen(string path)
    {
        var bytes = System.Text.Encoding.UTF8.GetByteCount(path);
        if (bytes > MaxSocketPathBytes)
        {
            throw new ExecutorUnavailableException(
                $"The executors' socket path '{path}' has {bytes} bytes; at most {MaxSocketPathBytes} are possible. "
                + "Choose a shorter folder.");
        }

        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            listener.Bind(new UnixDomainSocketEndPoint(path));
            listener.Listen(1);
            return listener;
        }
        catch (SocketException e)
        {
            listener.Dispose();
            throw new ExecutorUnavailableException($"Can't listen on '{path}' for an executor: {e.Message}", e);
        }
    }

    private static ExecutorProcess Launch(
        ExecutorCommand command, ExecutorPlace place, ProcessFolder folder, ExecutorPoolSettings settings,
        TimeProvider time, ILogger logger)
    {
        try
        {
            var process = Process.Start(command.ToStartInfo(folder, place, settings.OverheadMemoryBytes))!;
            process.StandardInput.Close();
            return new ExecutorProcess(process, new OutputTail(), settings, time, logger);
        }
        catch (Win32Exception e)
        {
            throw new ExecutorUnavailableException($"Can't run '{command.FileName}': {e.Message}", e);
        }
    }

    private async Task BecomeReadyAsync(
        Socket listener, Socket clients, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var bound = new CancellationTokenSource(timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(bound.Token, cancellationToken);
        var stage = "did not connect";
        try
        {
            var socket = await AcceptAsync(listener, either.Token).ConfigureAwait(false);
            stage = "connected but did not open its device";
            Connection = new CommandConnection(new NetworkStream(socket, ownsSocket: true), Silent.Instance, _time);
            _memory = new ResidentMemory(Id);
            _ = FollowConnectionAsync();
            Clients = new ClientHandover(await AcceptAsync(clients, either.Token).ConfigureAwait(false));
            Ready = await BeforeExitAsync(Connection.Ready.WaitAsync(either.Token)).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or CommandException or SocketException or IOException)
        {
            Kill(ExecutorExitKind.Killed, "killed by the worker: " + stage);
            var exit = await ExitWithinGraceAsync().ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            throw Failure(e, stage, timeout, exit);
        }
    }

    /// <summary>The process's own connection; another process's is closed.</summary>
    private async Task<Socket> AcceptAsync(Socket listener, CancellationToken cancellationToken)
    {
        while (true)
        {
            var socket = await BeforeExitAsync(listener.AcceptAsync(cancellationToken).AsTask()).ConfigureAwait(false);
            var peer = ReadPeer(socket);
            if (peer == Id)
            {
                return socket;
            }

            socket.Dispose();
            _logger.LogError("Process {Peer} connected to the socket of executor {ProcessId}.", peer, Id);
        }
    }

    /// <summary>The process at the other end, by the kernel's word: SO_PEERCRED (unix(7)).</summary>
    private static int ReadPeer(Socket socket)
    {
        const int SocketLevel = 1;
        const int PeerCredentials = 17;
        Span<byte> credentials = stackalloc byte[3 * sizeof(int)]; // process, user, group
        socket.GetRawSocketOption(SocketLevel, PeerCredentials, credentials);
        return MemoryMarshal.Read<int>(credentials);
    }

    private static ExecutorUnavailableException Failure(
        Exception cause, string stage, TimeSpan timeout, ExecutorExit? exit)
    {
        var what = cause is OperationCanceledException ? $"it {stage} within {timeout.TotalSeconds:0.###} s" : cause.Message;
        if (exit is { Kind: ExecutorExitKind.Exited or ExecutorExitKind.Crashed })
        {
            what = exit.Description;
        }
        else if (exit is { ErrorOutput.Length: > 0 })
        {
            what += ": " + exit.ErrorOutput.Trim();
        }

        return new ExecutorUnavailableException($"An executor process could not be started: {what}", cause);
    }

    /// <summary>The result of <paramref name="step"/>, or a failure as soon as the process is gone.</summary>
    private async Task<T> BeforeExitAsync<T>(Task<T> step)
    {
        if (await Task.WhenAny(step, Exited).ConfigureAwait(false) != step && !step.IsCompletedSuccessfully)
        {
            _ = step.ContinueWith(Ignore, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            throw new OperationCanceledException("The process is gone.");
        }

        return await step.ConfigureAwait(false);
    }

    private static void Ignore<T>(Task<T> step)
    {
        if (step.IsCompletedSuccessfully)
        {
            (step.Result as IDisposable)?.Dispose();
        }
        else
        {
            _ = step.Exception;
        }
    }

    private async Task<ExecutorExit?> ExitWithinGraceAsync()
    {
        try
        {
            return await Exited.WaitAsync(_killGrace, _time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    private sealed class Silent : ICommandObserver
    {
        public static readonly Silent Instance = new();
    }
}
