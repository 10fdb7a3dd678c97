using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Npgsql;

namespace GpuActors.LocalCluster;

/// <summary>
/// A real PostgreSQL server with its data in a temporary folder, on a free port; it runs as the user <c>postgres</c>
/// when this process is root's. Disposing it, or the end of this process, ends it and removes its folder.
/// </summary>
public sealed class PostgresServer : IDisposable
{
    private const string Binaries = "/usr/lib/postgresql/15/bin";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);

    private readonly string _folder = Directory.CreateTempSubdirectory("pg-").FullName;
    private readonly ProcessPlace _place;
    private readonly Process _guard;
    private Process? _process;
    private int _databases;

    /// <summary>Starts a server with an empty cluster of databases.</summary>
    /// <param name="place">Where it listens; null for loopback.</param>
    /// <exception cref="InvalidOperationException">PostgreSQL 15 is not there, or did not start; says why.</exception>
    public PostgresServer(ProcessPlace? place = null)
    {
        if (!File.Exists($"{Binaries}/initdb"))
        {
            throw new InvalidOperationException(
                $"There is no PostgreSQL in {Binaries}; as root: apt-get install -y postgresql-15");
        }

        _place = place ?? ProcessPlace.Loopback;
        _guard = StartGuard();
        try
        {
            CreateData();
            Start();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The password of the user <c>postgres</c>.</summary>
    public string Password { get; } = Guid.NewGuid().ToString("N");

    /// <summary>Where it listens.</summary>
    public int Port { get; } = FreePort();

    /// <summary>Its main process's id.</summary>
    public int ProcessId => _process?.Id ?? throw new InvalidOperationException("PostgreSQL is not running.");

    private string Data => Path.Combine(_folder, "data");

    private static bool IsRoot => Environment.UserName == "root";

    /// <summary>How nodes reach a database.</summary>
    public string ConnectionString(string database, string? password = null) =>
        $"Host={_place.Address};{Rest(database, password)}";

    /// <summary>How this process reaches a database, wherever the server listens: by its Unix socket.</summary>
    public string LocalConnectionString(string database) => $"Host={_folder};{Rest(database, null)}";

    /// <summary>Makes an empty database and gives its connection string.</summary>
    public string CreateDatabase()
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"db_{Interlocked.Increment(ref _databases)}");
        CreateDatabase(name);
        return ConnectionString(name);
    }

    /// <summary>Makes an empty database called <paramref name="name"/>, a plain word.</summary>
    public void CreateDatabase(string name)
    {
        using var connection = new NpgsqlConnection($"{LocalConnectionString("postgres")};Pooling=false");
        connection.Open();
        using var create = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
        create.ExecuteNonQuery();
    }

    /// <summary>Starts the server, which recovers first if it was killed, and waits until it answers.</summary>
    public void Start()
    {
        var waited = Stopwatch.StartNew();
        _process = Launch();
        while (!Answers())
        {
            if (waited.Elapsed > Patience)
            {
                throw new InvalidOperationException($"PostgreSQL did not answer within {Patience}.");
            }

            if (_process.HasExited)
            {
                _process.Dispose();
                _process = Launch(); // processes of the one that was killed were still there
            }

            Thread.Sleep(PollInterval);
        }
    }

    /// <summary>kill -9 of the server; its other processes end by themselves when they notice.</summary>
    public void Kill()
    {
        _process!.Kill();
        Demand(_process.WaitForExit(Patience), "PostgreSQL was killed and should have ended.");
        _process.Dispose();
        _process = null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _guard.StandardInput.Close();
        var isGone = _guard.WaitForExit(Patience);
        _guard.Dispose();
        _process?.Dispose();
        Demand(isGone, $"PostgreSQL's folder {_folder} should have been deleted.");
    }

    private string Rest(string database, string? password) => string.Create(
        CultureInfo.InvariantCulture,
        $"Port={Port};Database={database};Username=postgres;Password={password ?? Password}");

    private void CreateData()
    {
        var passwordFile = Path.Combine(_folder, "password");
        File.WriteAllText(passwordFile, Password);
        File.SetUnixFileMode(passwordFile, UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        if (IsRoot)
        {
            Run(Command("chown", "postgres", _folder));
        }

        Run(AsPostgres(
            $"{Binaries}/initdb", "-D", Data, "-U", "postgres", "-A", "scram-sha-256", $"--pwfile={passwordFile}", "-E",
            "UTF8", "--no-sync"));
        File.AppendAllText(Path.Combine(Data, "pg_hba.conf"), "host all all samenet scram-sha-256\n");
    }

    // Ends the server and deletes its folder when its input ends: also when this process is killed.
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

    // No one reads what it writes, which is next to nothing: the pipes never fill up.
    private Process Launch()
    {
        var server = AsPostgres(
            $"{Binaries}/postgres", "-D", Data, "-p", Port.ToString(CultureInfo.InvariantCulture), "-k", _folder,
            "-h", _place.Address, "-c", "max_connections=300", "-c", "logging_collector=off",
            "-c", "log_min_messages=fatal");
        string[] command = [.. _place.Launcher, server.FileName, .. server.ArgumentList];
        return Process.Start(Command(command[0], command[1..]))!;
    }

    private bool Answers()
    {
        try
        {
            using var connection = new NpgsqlConnection($"{LocalConnectionString("postgres")};Pooling=false;Timeout=2");
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
    private static ProcessStartInfo AsPostgres(string program, params string[] arguments) => IsRoot
        ? Command("setpriv", ["--reuid=postgres", "--regid=postgres", "--clear-groups", program, .. arguments])
        : Command(program, arguments);

    private static ProcessStartInfo Command(string program, params string[] arguments) => new(program, arguments)
    {
        WorkingDirectory = "/", RedirectStandardOutput = true, RedirectStandardError = true,
    };

    private static void Run(ProcessStartInfo command)
    {
        using var process = Process.Start(command)!;
        var error = new StringBuilder();
        process.ErrorDataReceived += (_, line) => error.AppendLine(line.Data);
        process.BeginErrorReadLine();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit(); // for the readers too
        Demand(process.ExitCode == 0, $"{command.FileName} {string.Join(' ', command.ArgumentList)}: {error}{output}");
    }

    private static void Demand(bool holds, string what)
    {
        if (!holds)
        {
            throw new InvalidOperationException(what);
        }
    }
}
