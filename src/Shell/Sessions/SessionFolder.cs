using GpuActors.Shared.Api;
using GpuActors.Shared.Jobs;

namespace GpuActors.Shell.Sessions;

/// <summary>
/// A folder that nobody else can read, with what a program needs to use sessions: the grant, and the file by which its
/// OpenCL loader finds the library.
/// </summary>
internal sealed class SessionFolder
{
    private const string GrantFile = "grant.json";
    private const string LibraryFile = "gpuactors.icd";
    private const string LoaderVariable = "OCL_ICD_VENDORS";

    private const UnixFileMode ForOwner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode FileForOwner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _folder;

    private SessionFolder(string folder) => _folder = folder;

    /// <summary>The grant's path.</summary>
    public string Grant => Path.Combine(_folder, GrantFile);

    /// <summary>What a program's environment needs.</summary>
    public IReadOnlyList<(string Name, string Value)> Variables =>
        [(SessionGrant.FileVariable, Grant), (LoaderVariable, _folder)];

    /// <summary>A new folder among the system's temporary ones, for a program that this process starts.</summary>
    public static SessionFolder Temporary() => new(Directory.CreateTempSubdirectory("gpuactors-").FullName);

    /// <summary>The folder of a session that is held over several commands, which may not be there.</summary>
    /// <exception cref="UsageException">It is not an id.</exception>
    public static SessionFolder Kept(ShellEnvironment environment, string id) => Names.IsId(id)
        ? new SessionFolder(Path.Combine(Home(environment), id))
        : throw new UsageException($"'{id}' is not the id of a session: those are letters, digits, . _ and -.");

    /// <summary>The ids of sessions that are held over several commands.</summary>
    public static IReadOnlyList<string> KeptIds(ShellEnvironment environment) => Directory.Exists(Home(environment))
        ? [.. Directory.EnumerateDirectories(Home(environment)).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal)]
        : [];

    /// <summary>Writes grant and loader file; nobody else can read them at any moment.</summary>
    public void Write(SessionGrant grant, string library)
    {
        Write(grant);
        Write(Path.Combine(_folder, LibraryFile), System.Text.Encoding.UTF8.GetBytes(library + "\n"));
    }

    /// <summary>Writes the grant alone, for a program that has the library already.</summary>
    public void Write(SessionGrant grant)
    {
        Directory.CreateDirectory(_folder, ForOwner);
        Write(Grant, grant.ToJson());
    }

    /// <summary>The grant; null if there is none.</summary>
    public SessionGrant? Read()
    {
        try
        {
            return SessionGrant.Parse(File.ReadAllBytes(Grant));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or System.Text.Json.JsonException)
        {
            return null;
        }
    }

    /// <summary>Removes the folder, if it is there.</summary>
    public void Delete()
    {
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    private static string Home(ShellEnvironment environment) => Path.Combine(
        environment.HomeFolder ?? throw new UsageException("There is no home folder to keep the session's grant in; set HOME."),
        ".gpuactors",
        "sessions");

    /// <summary>A file that is there is replaced at once: a program may be reading it.</summary>
    private static void Write(string path, byte[] content)
    {
        var fresh = path + ".new";
        File.Delete(fresh);
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = FileForOwner,
        };
        using (var file = new FileStream(fresh, options))
        {
            file.Write(content);
        }

        File.Move(fresh, path, overwrite: true);
    }
}
