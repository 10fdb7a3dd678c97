using System.Diagnostics;

namespace GpuActors.Worker.Tests.Executors;

/// <summary>
/// A process that starts an executor as a worker does, says its process id once it is ready, and then only waits, so
/// that a test can kill it. In Perl, which every Debian has.
/// </summary>
internal static class StandInWorker
{
    private const string Script =
        """
        use Socket;
        my ($path, @command) = @ARGV;
        socket(my $listener, AF_UNIX, SOCK_STREAM, 0) or die; bind($listener, sockaddr_un($path)) or die; listen($listener, 1);
        my $child = fork();
        if ($child == 0) { close(STDOUT); open(STDOUT, '>', '/dev/null'); exec(@command) or die; }
        accept(my $connection, $listener) or die; sysread($connection, my $first, 1) or die;
        $| = 1; print "$child\n"; sleep(600);
        """;

    public static Process Start(string socketPath)
    {
        var start = new ProcessStartInfo("perl") { RedirectStandardOutput = true };
        foreach (string argument in new[]
        {
            "-e", Script, socketPath, Path.Combine(AppContext.BaseDirectory, "GpuActors.Worker"), "executor",
            "--socket", socketPath, "--device", ExecutorFixture.Device,
        })
        {
            start.ArgumentList.Add(argument);
        }
        return Process.Start(start)!;
    }
}
