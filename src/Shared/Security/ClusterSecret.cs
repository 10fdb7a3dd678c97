using System.Security.Cryptography;
using System.Text;

namespace GpuActors.Shared.Security;

/// <summary>
/// The secret that all processes of a cluster share. It is never used itself: each use has a key of its own, derived
/// by HKDF-SHA256 (RFC 5869) with the use's label, so that what is learnt of one key says nothing of the others. It
/// does not print itself.
/// </summary>
public sealed class ClusterSecret
{
    /// <summary>The least length in UTF-8 bytes.</summary>
    public const int MinBytes = 16;

    /// <summary>The greatest length in UTF-8 bytes.</summary>
    public const int MaxBytes = 4096;

    private const int MinDifferentBytes = 8;

    private static readonly byte[] Salt = "gpuactors cluster secret 1"u8.ToArray();

    private readonly byte[] _pseudorandomKey;

    private ClusterSecret(ReadOnlySpan<byte> secret)
    {
        _pseudorandomKey = new byte[SHA256.HashSizeInBytes];
        HKDF.Extract(HashAlgorithmName.SHA256, secret, Salt, _pseudorandomKey);
    }

    /// <summary>A secret from its text; whitespace around it does not count.</summary>
    /// <exception cref="SecretException">It is too short, too long or too simple. The message does not show it.</exception>
    public static ClusterSecret FromText(string text, string source = "The cluster secret")
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text.Trim());
        try
        {
            Check(bytes, source);
            return new ClusterSecret(bytes);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <summary>A secret from the text in a file.</summary>
    /// <exception cref="SecretException">The file cannot be read, or the secret is not good enough.</exception>
    public static ClusterSecret FromFile(string path)
    {
        string source = $"The cluster secret in {path}";
        try
        {
            using var reader = new StreamReader(path, Encoding.UTF8);
            char[] text = new char[MaxBytes + 1];
            int count = reader.ReadBlock(text);
            return FromText(new string(text, 0, count), source);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SecretException($"{source} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>The key for one use; the same secret and label give the same key in every process.</summary>
    /// <param name="label">What the key is for, such as <c>tickets</c>; not empty.</param>
    /// <param name="lengthBytes">From 1 to 8160.</param>
    public byte[] DeriveKey(string label, int lengthBytes = 32)
    {
        ArgumentException.ThrowIfNullOrEmpty(label);
        return HKDF.Expand(HashAlgorithmName.SHA256, _pseudorandomKey, lengthBytes, Encoding.UTF8.GetBytes(label));
    }

    /// <summary>The key for one use as text, for parts that take a secret of their own as text.</summary>
    public string DeriveText(string label) => Convert.ToHexStringLower(DeriveKey(label));

    /// <summary>Does not show the secret.</summary>
    public override string ToString() => "ClusterSecret(hidden)";

    private static void Check(ReadOnlySpan<byte> bytes, string source)
    {
        const string advice = "make one with 'openssl rand -base64 32'.";
        if (bytes.Length < MinBytes)
        {
            throw new SecretException($"{source} has {bytes.Length} bytes, but at least {MinBytes} are needed; {advice}");
        }

        if (bytes.Length > MaxBytes)
        {
            throw new SecretException($"{source} has more than {MaxBytes} bytes; {advice}");
        }

        var different = new HashSet<byte>();
        foreach (byte b in bytes)
        {
            different.Add(b);
        }

        if (different.Count < MinDifferentBytes)
        {
            throw new SecretException($"{source} repeats the same few characters; {advice}");
        }
    }
}

/// <summary>A secret cannot be used. The message never contains any of it.</summary>
public sealed class SecretException(string message, Exception? inner = null) : Exception(message, inner);
