using GpuActors.Shell.Interactive;

namespace GpuActors.Shell.Tests;

public sealed class HistoryTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gpuactors-history-").FullName;

    private string File => Path.Combine(_folder, ".gpuactors", "history");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Lines_are_there_the_next_time()
    {
        var first = new History(File);
        first.Add("job list");
        first.Add("job list");
        first.Add("  ");
        first.Add("gpu list");

        new History(File).Lines.ShouldBe(["job list", "gpu list"]);
    }

    [Fact]
    public void Tickets_are_not_kept_and_only_the_user_can_read_the_file()
    {
        var history = new History(File);
        history.Add("gpu list --ticket gat1.secret");
        history.Add("gpu list");

        System.IO.File.ReadAllText(File).ShouldBe("gpu list\n");
        if (!OperatingSystem.IsWindows())
        {
            System.IO.File.GetUnixFileMode(File).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    [Fact]
    public void The_file_does_not_grow_for_ever()
    {
        var history = new History(File);
        for (int i = 0; i < 1100; i++)
        {
            history.Add($"line {i}");
        }

        var read = new History(File);
        read.Lines.Count.ShouldBe(1000);
        read.Lines[^1].ShouldBe("line 1099");
    }

    [Fact]
    public void A_folder_that_cannot_be_written_does_not_matter()
    {
        System.IO.File.WriteAllText(Path.Combine(_folder, ".gpuactors"), "a file where a folder should be");
        var history = new History(File);

        history.Add("job list");

        history.Back("").ShouldBe("job list");
    }
}
