using System.Text;

namespace GpuActors.Shared.Configuration.Hocon;

/// <summary>Reads files as the strict UTF-8 that HOCON asks for.</summary>
internal static class SourceText
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <summary>The file's text; null when it does not exist.</summary>
    /// <exception cref="HoconException">It cannot be read, is too large or is not UTF-8.</exception>
    public static string? ReadFile(string path, ConfigOrigin requestedAt)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            return Decode(ReadBounded(stream), path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException
                                      or NotSupportedException)
        {
            throw new HoconException($"The file {path} cannot be read: {e.Message}", requestedAt, e);
        }
    }

    /// <summary>The text that UTF-8 bytes encode.</summary>
    /// <exception cref="HoconException">They are too many, or not UTF-8.</exception>
    public static string Decode(ReadOnlySpan<byte> bytes, string source)
    {
        if (bytes.Length > HoconLimits.MaxFileBytes)
        {
            throw new HoconException(
                $"A configuration has at most {HoconLimits.MaxFileBytes} bytes.", new ConfigOrigin(source, 1, 1));
        }

        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            int valid = FirstInvalid(bytes);
            int line = 1 + bytes[..valid].Count((byte)'\n');
            int column = valid - bytes[..valid].LastIndexOf((byte)'\n');
            throw new HoconException(
                "A byte here is not valid UTF-8; save the file as UTF-8.", new ConfigOrigin(source, line, column), e);
        }
    }

    /// <summary>All bytes, or one more than are allowed; also of what has no length, such as a pipe.</summary>
    private static ReadOnlySpan<byte> ReadBounded(Stream stream)
    {
        byte[] bytes = new byte[16 * 1024];
        int count = 0;
        while (true)
        {
            count += stream.ReadAtLeast(bytes.AsSpan(count), bytes.Length - count, throwOnEndOfStream: false);
            if (count < bytes.Length || count > HoconLimits.MaxFileBytes)
            {
                return bytes.AsSpan(0, count);
            }

            Array.Resize(ref bytes, Math.Min(2 * bytes.Length, HoconLimits.MaxFileBytes + 1));
        }
    }

    private static int FirstInvalid(ReadOnlySpan<byte> bytes)
    {
        int at = 0;
        while (Rune.DecodeFromUtf8(bytes[at..], out _, out int length) == System.Buffers.OperationStatus.Done)
        {
            at += length;
        }

        return at;
    }
}
