using System.Globalization;

namespace GpuActors.Worker.Executors;

/// <summary>Memory that a process really holds, from /proc.</summary>
internal static class ResidentMemory
{
    /// <summary>
    /// Private resident bytes (resident minus what maps files), or null when the process is gone.
    /// </summary>
    public static ulong? PrivateBytes(int processId)
    {
        string text;
        try
        {
            text = File.ReadAllText($"/proc/{processId}/statm");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
        string[] pages = text.Split(' ');
        if (pages.Length < 3)
            return null;
        ulong resident = ulong.Parse(pages[1], CultureInfo.InvariantCulture);
        ulong shared = ulong.Parse(pages[2], CultureInfo.InvariantCulture);
        return (resident - Math.Min(shared, resident)) * (ulong)Environment.SystemPageSize;
    }
}
