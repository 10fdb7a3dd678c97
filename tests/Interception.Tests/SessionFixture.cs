using GpuActors.Interception.Tests.Hosting;

namespace GpuActors.Interception.Tests;

/// <summary>One session for all tests of the project, and the library.</summary>
public sealed class SessionFixture : IAsyncLifetime
{
    private string _library = "";

    internal GrantedSession Session { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        _library = await OpenClLibrary.PublishAsync();
        Session = await GrantedSession.StartAsync();
    }

    public async Task DisposeAsync() => await Session.DisposeAsync();

    /// <summary>Runs a program whose only platform is the session's.</summary>
    internal Task<ProgramResult> RunAsync(
        string file, string[] arguments, bool network = false, string? grant = null, string? folder = null,
        Action<System.Diagnostics.Process>? started = null, IReadOnlyDictionary<string, string>? variables = null) =>
        ProgramRun.RunAsync(
            file, arguments,
            new Dictionary<string, string>(variables ?? new Dictionary<string, string>())
            {
                ["OCL_ICD_VENDORS"] = _library,
                ["GPUACTORS_SESSION_FILE"] = grant ?? (network ? Session.NetworkGrant : Session.LocalGrant),
            },
            TimeSpan.FromMinutes(3), folder, started);

    /// <summary>Has a program reach its executor by shared memory, <c>unix</c> or <c>tcp</c>.</summary>
    internal static IReadOnlyDictionary<string, string> Over(string transport) =>
        new Dictionary<string, string> { ["GPUACTORS_TRANSPORT"] = transport };

    /// <summary>Runs a program on the machine's own OpenCL.</summary>
    internal static Task<ProgramResult> RunNativelyAsync(string file, params string[] arguments) =>
        ProgramRun.RunAsync(file, arguments, new Dictionary<string, string>(), TimeSpan.FromMinutes(3));
}

/// <summary>Tests that share the session; one at a time.</summary>
[CollectionDefinition(Name)]
public sealed class SessionTests : ICollectionFixture<SessionFixture>
{
    public const string Name = "session";
}
