using System.Security.Cryptography;
using System.Text;

namespace GpuActors.Actors.Remoting.Handshakes;

/// <summary>
/// The secret that all nodes of a cluster share, kept only as the two keys derived from it (HKDF-SHA256, one label
/// each): what authenticates handshakes is never what encrypts frames. It has no text form.
/// </summary>
sealed class ClusterSecret
{
    /// <summary>Shorter secrets could be guessed offline by whoever records one handshake.</summary>
    public const int BytesMin = 16;

    static readonly byte[] Salt = "GpuActors remoting 1"u8.ToArray();

    readonly byte[] _handshakeKey;
    readonly byte[] _sessionKey;

    /// <exception cref="ArgumentException">The secret is too short.</exception>
    public ClusterSecret(string secret)
    {
        var bytes = Encoding.UTF8.GetBytes(secret);
        if (bytes.Length < BytesMin)
        {
            throw new ArgumentException(
                $"The cluster secret has {bytes.Length} bytes; at least {BytesMin} are needed, best random ones",
                nameof(secret));
        }

        var root = HKDF.Extract(HashAlgorithmName.SHA256, bytes, Salt);
        _handshakeKey = HKDF.Expand(HashAlgorithmName.SHA256, root, 32, "handshake authentication"u8.ToArray());
        _sessionKey = HKDF.Expand(HashAlgorithmName.SHA256, root, 32, "session keys"u8.ToArray());
        CryptographicOperations.ZeroMemory(root);
        CryptographicOperations.ZeroMemory(bytes);
    }

    /// <summary>HMAC-SHA256 over a label, which says who proves what, and a transcript hash.</summary>
    public byte[] Authenticate(ReadOnlySpan<byte> label, ReadOnlySpan<byte> transcript)
    {
        Span<byte> input = stackalloc byte[label.Length + 1 + transcript.Length];
        label.CopyTo(input);
        input[label.Length] = 0;
        transcript.CopyTo(input[(label.Length + 1)..]);
        return HMACSHA256.HashData(_handshakeKey, input);
    }

    /// <summary>Key material that depends on the transcript, so on both nonces.</summary>
    public void DeriveSessionKey(ReadOnlySpan<byte> label, ReadOnlySpan<byte> transcript, Span<byte> key)
    {
        Span<byte> pseudoRandomKey = stackalloc byte[32];
        HKDF.Extract(HashAlgorithmName.SHA256, _sessionKey, transcript, pseudoRandomKey);
        HKDF.Expand(HashAlgorithmName.SHA256, pseudoRandomKey, key, label);
        CryptographicOperations.ZeroMemory(pseudoRandomKey);
    }
}
