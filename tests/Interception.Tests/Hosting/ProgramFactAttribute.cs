namespace GpuActors.Interception.Tests.Hosting;

/// <summary>
/// A test that needs a program of Debian's; where it is missing the test is skipped and says so (<c>.ci/programs</c> installs
/// them).
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ProgramFactAttribute : FactAttribute
{
    /// <param name="file">A file that is there when the program is.</param>
    public ProgramFactAttribute(string file) => Skip = File.Exists(file) ? null : $"{file} is not there.";
}
