using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Npgsql;

namespace GpuActors.Actors.Tests.Persistence.Postgres;

/// <summary>
/// A real server with its data in a temporary folder, on a free port; it runs as the user <c>postgres</c> when the tests
/// are root's.
/// </summary>
internal sealed class PostgresServer : IDisposable
{
    private const string Binaries = "/usr/lib/postgresql/15/bin";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly Lazy<PostgresServer> SharedServer = new(() => new PostgresServer());
    private static int _databases;

    private readonly string _folder = Directory.CreateTempSubdirectory("pg-").FullName;
    private readonly Process _guard;
    private Process? _process;

    public PostgresServer()
    {
        _guard = StartGuard();
        if (IsRoot)
            Run("chown", "postgres", _folder);
        var passwordFile = Path.Combine(_folder, "password");
        File.WriteAllText(passwordFile, Password);
        File.SetUnixFileMode(passwordFile, UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        RunAsPostgres(
            $"{Binaries}/initdb", "-D", Data, "-U", "postgres", "-A", "scram-sha-256", $"--pwfile={passwordFile}", "-E",
            "UTF8", "--no-sync");
        Start();
    }

    /// <summary>The one server of all tests that don't kill it.</summary>
    public static PostgresServer Shared => SharedServer.Value;

    public static string Password => "secret-of-the-tests";

    public int Port { get; } = FreePort();

    private string Data => Path.Combine(_folder, "data");

    private static bool IsRoot => Environment.UserName == "root";

    public string ConnectionString(string database, string? password = null) =>
        $"Host=127.0.0.1;Port={Port};Database={database};Username=postgres;Password={password ?? Password}";

    /// <summary>Makes an empty database and gives its connection string.</summary>
    public string CreateDatabase()
    {
        var name = $"test_{Interlocked.Increment(ref _databases)}";
        using var connection = new NpgsqlConnection($"{ConnectionString("postgres")};Pooling=false");
        connection.Open();
        using var create = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
        create.ExecuteNonQuery();
        return ConnectionString(name);
    }

    /// <summary>Starts the server, which recovers first if it was killed, and waits until it answers.</summary>
    public void Start()
    {
        var deadline = DateTime.UtcNow + Patience;
        _process = Launch();
        while (!Answers())
        {
            (DateTime.UtcNow < deadline).ShouldBeTrue("PostgreSQL should have answered");
            if (_process.HasExited)
                _process = Launch(); // processes of the one that was killed were still there
            Thread.Sleep(50);
        }
    }

    /// <summary>Kill -9 of the server with all of its processes.</summary>
    public void Kill()
    {
        _process!.Kill(); // its children end by themselves when they notice
        _process.WaitForExit(Patience).ShouldBeTrue("PostgreSQL was killed and should have ended");
        _process.Dispose();
        _process = null;
    }

    public void Dispose()
    {
        _guard.StandardInput.Close();
        _guard.WaitForExit(Patience).ShouldBeTrue("the server's folder should have been deleted");
        _guard.Dispose();
        _process?.Dispose();
    }

    // Ends the server and deletes its folder when its input ends: also when the tests' process is killed.
    private Process StartGuard()
    {
        const string script = """
            read -r _
            main=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null) && kill -9 "$main" 2>/dev/null
            for i in 1 2 3 4 5 6 7 8 9 10; do rm -rf "$1" 2>/dev/null && [ ! -e "$1" ] && exit; sleep 0.3; done
            """;
        return Process.Start(
            new ProcessStartInfo("sh", ["-c", script, "guard", _folder]) { RedirectStandardInput = true })!;
    }

    private Process Launch() => Process.Start(AsPostgres(
        $"{Binaries}/postgres", "-D", Data, "-p", Port.ToString(CultureInfo.InvariantCulture), "-k", _folder,
        "-h", "127.0.0.1", "-c", "max_connections=300", "-c", "logging_collector=off",
        "-c", "log_min_messages=fatal"))!;

    private bool Answers()
    {
        try
        {
            using var connection = new NpgsqlConnection($"{ConnectionString("postgres")};Pooling=false;Timeout=2");
            connection.Open();
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    // setpriv, unlike runuser and su, becomes the program instead of watching it: its process is the server's.
    private static ProcessStartInfo AsPostgres(string program, params string[] arguments)
    {
        string[] command = IsRoot
            ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", program, .. arguments]
            : [program, .. arguments];
        return new ProcessStartInfo(command[0], command[1..]) { WorkingDirectory = "/", RedirectStandardOutput = true, RedirectStandardError = true };
    }

    private static void RunAsPostgres(string program, params string[] arguments) => Run(AsPostgres(program, arguments));

    private static void Run(string program, params string[] arguments) =>
        Run(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true });

    private static void Run(ProcessStartInfo start, [CallerMemberName] string caller = "")
    {
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        process.ExitCode.ShouldBe(0, $"{caller}: {start.FileName} {string.Join(' ', start.ArgumentList)}: {error}{output.Result}");
    }
}
