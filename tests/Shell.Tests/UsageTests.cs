namespace GpuActors.Shell.Tests;

/// <summary>Command lines that are wrong, and those that only ask.</summary>
public sealed class UsageTests : IDisposable
{
    private readonly ShellProcess _shell = new();

    public void Dispose() => _shell.Dispose();

    [Fact]
    public async Task Help_lists_the_commands()
    {
        var result = await _shell.RunAsync("--help");

        result.ExitCode.ShouldBe(0);
        result.Out.ShouldContain("pbm [command] [options]");
        foreach (string group in (string[])["job", "host", "gpu", "slice", "cluster", "blob", "ticket", "simulate", "size"])
        {
            result.Lines.ShouldContain(line => line.TrimStart().StartsWith(group + " "));
        }
    }

    [Theory]
    [InlineData("jbo list", "'pbm' does not know 'jbo'. Did you mean 'job'?", "pbm")]
    [InlineData("job lst", "'pbm job' does not know 'lst'. Did you mean 'list'?", "pbm job")]
    [InlineData("job list --jsn", "'pbm job list' does not know '--jsn'. Did you mean '--json'?", "pbm job list")]
    [InlineData("job", "'pbm job' needs one of: submit, list,", "pbm job")]
    [InlineData("job show", "Required argument missing for command: 'show'.", "pbm job show")]
    [InlineData("job list --state Nope", "--state must be one of Queued,", "pbm job list")]
    [InlineData("job list --limit 0", "--limit must be at least 1.", "pbm job list")]
    [InlineData("simulate --polices fgd", "does not know '--polices'. Did you mean '--policies'?", "pbm simulate")]
    public async Task A_wrong_command_line_exits_with_2_and_says_what_would_be_right(string line, string words, string command)
    {
        var result = await _shell.RunAsync(line.Split(' '));

        result.ExitCode.ShouldBe(2);
        result.OutBytes.ShouldBeEmpty();
        result.Error.ShouldStartWith("error: ");
        result.Error.ShouldContain(words);
        result.Error.ShouldContain($"Try '{command} --help'.");
    }

    [Theory]
    [InlineData("gpu list", "There is no address of a scheduler. Give --server")]
    [InlineData("gpu list --server http://x", "There is no ticket. Give --ticket")]
    [InlineData("gpu list --server ftp://x --ticket t", "\"ftp://x\" is not the address of a scheduler")]
    [InlineData("job show a/b --server http://x --ticket t", "\"a/b\" is not the id of a job")]
    [InlineData("job submit nope.json --server http://x --ticket t", "nope.json cannot be read")]
    [InlineData("blob get 123 --server http://x --ticket t", "64 hexadecimal digits")]
    public async Task What_is_wrong_on_this_machine_exits_with_2(string line, string words)
    {
        var result = await _shell.RunAsync(line.Split(' '));

        result.ExitCode.ShouldBe(2);
        result.Error.ShouldStartWith("error: ");
        result.Error.ShouldContain(words);
        result.Error.ShouldNotContain("Parameter");
    }

    [Fact]
    public async Task A_server_that_is_not_there_exits_with_1()
    {
        var result = await _shell.RunAsync("gpu", "list", "--server", "127.0.0.1:1", "--ticket", "t");

        result.ExitCode.ShouldBe(1);
        result.Error.ShouldContain("GET /v1/gpus got no answer from http://127.0.0.1:1/");
    }
}
