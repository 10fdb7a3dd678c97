using System.Globalization;
using System.Text;
using GpuActors.Interception.Streams;
using GpuActors.Shared.Api;

namespace GpuActors.Interception.Leasing;

/// <summary>
/// GPUs for a program whose variables ask for them (<see cref="LeaseVariables"/>). Another process, <c>pbm lease</c>, gets
/// them and holds them until this one ends: nothing of that is done within the program.
/// </summary>
internal static unsafe class ProgramLease
{
    private const int PathMaxBytes = 4096;

    /// <summary>Gets what the variables ask for, and waits until it is there.</summary>
    /// <returns>The path of the grant; null: nothing is asked for, or it is not to be had, which has been said.</returns>
    public static string? Request()
    {
        IReadOnlyList<string>? options = LeaseVariables.OptionsOf(Environment.GetEnvironmentVariable);
        if (options is null || Posix.AuxiliaryValue(Posix.IsSecureExecution) != 0)
            return null; // a program with more rights than its user starts nothing that variables name
        try
        {
            string process = string.Create(CultureInfo.InvariantCulture, $"--process={Environment.ProcessId}");
            int answer = Launcher.Start(["lease", process, .. options]);
            try
            {
                return ReadLine(answer);
            }
            finally
            {
                Posix.Close(answer);
            }
        }
        catch (IOException exception)
        {
            Diagnostics.Say($"no GPU could be leased: {exception.Message}");
            return null;
        }
    }

    /// <summary>A line without its end; null: the other side ended before it was whole.</summary>
    private static string? ReadLine(int descriptor)
    {
        byte* line = stackalloc byte[PathMaxBytes];
        for (int length = 0; length < PathMaxBytes;)
        {
            nint read = Libc.Read(descriptor, line + length, (nuint)(PathMaxBytes - length));
            if (read < 0 && Posix.WasInterrupted())
                continue;
            if (read <= 0)
                return null;
            length += (int)read;
            if (line[length - 1] == '\n')
                return Encoding.UTF8.GetString(line, length - 1);
        }
        return null;
    }
}
