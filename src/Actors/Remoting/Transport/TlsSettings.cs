using System.Security.Cryptography.X509Certificates;

namespace GpuActors.Actors.Remoting.Transport;

/// <summary>
/// Who this node is under TLS and whom it believes. Both ends of a connection show a certificate. A peer's certificate
/// is accepted when it is one of <see cref="TrustedCertificates"/> itself (a self-signed one that all nodes share) or
/// when one of them, as a certificate authority, has signed it. The machine's own trust store is never asked.
/// </summary>
public sealed record TlsSettings
{
    /// <summary>This node's certificate with its private key.</summary>
    public required X509Certificate2 Certificate { get; init; }

    /// <summary>Pinned authorities, or pinned node certificates. At least one.</summary>
    public required X509Certificate2Collection TrustedCertificates { get; init; }

    /// <summary>
    /// Whether the certificate of a node that is dialled must also carry the host name dialled. Off by default: a
    /// private authority that signs nodes only is proof enough, and nodes are often reached by address.
    /// </summary>
    public bool VerifyHostName { get; init; }
}
