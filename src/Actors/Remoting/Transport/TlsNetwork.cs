using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using GpuActors.Actors.Runtime;

namespace GpuActors.Actors.Remoting.Transport;

/// <summary>
/// Mutual TLS 1.2 or 1.3 over any other network. A dialled connection is authenticated before it is returned, an
/// accepted one at its first read, so that a caller who says nothing occupies no more than its own handshake.
/// </summary>
public sealed class TlsNetwork : INetwork
{
    readonly INetwork _inner;
    readonly TlsSettings _settings;

    /// <param name="inner">The network that carries the encrypted bytes.</param>
    /// <param name="settings">Certificates of this node and of those that it trusts.</param>
    /// <exception cref="ArgumentException">A certificate is missing or has no private key.</exception>
    public TlsNetwork(INetwork inner, TlsSettings settings)
    {
        ArgumentNullException.ThrowIfNull(inner);
        ArgumentNullException.ThrowIfNull(settings);
        if (!settings.Certificate.HasPrivateKey)
        {
            throw new ArgumentException("The node's TLS certificate has no private key", nameof(settings));
        }

        if (settings.TrustedCertificates.Count == 0)
        {
            throw new ArgumentException("No trusted TLS certificate: nobody could connect", nameof(settings));
        }

        _inner = inner;
        _settings = settings;
    }

    /// <inheritdoc/>
    public async ValueTask<INetworkListener> ListenAsync(string host, int port, CancellationToken cancellationToken) =>
        new TlsListener(await _inner.ListenAsync(host, port, cancellationToken), this);

    /// <inheritdoc/>
    public async ValueTask<INetworkConnection> ConnectAsync(
        string host, int port, CancellationToken cancellationToken)
    {
        var connection = await _inner.ConnectAsync(host, port, cancellationToken);
        var tls = new SslStream(new DuplexPipeStream(connection));
        try
        {
            await tls.AuthenticateAsClientAsync(ClientOptions(host), cancellationToken);
            return new TlsConnection(connection, tls, serverOptions: null);
        }
        catch (AuthenticationException e)
        {
            await tls.DisposeAsync();
            await connection.DisposeAsync();
            throw new IOException($"TLS with {host}:{port} failed: {e.Message}", e);
        }
        catch
        {
            await tls.DisposeAsync();
            await connection.DisposeAsync();
            throw;
        }
    }

    SslClientAuthenticationOptions ClientOptions(string host) => new()
    {
        TargetHost = host,
        ClientCertificates = [_settings.Certificate],
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        RemoteCertificateValidationCallback = (_, certificate, _, errors) => IsTrusted(certificate)
            && (!_settings.VerifyHostName || (errors & SslPolicyErrors.RemoteCertificateNameMismatch) == 0),
    };

    SslServerAuthenticationOptions ServerOptions() => new()
    {
        ServerCertificate = _settings.Certificate,
        ClientCertificateRequired = true,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        RemoteCertificateValidationCallback = (_, certificate, _, _) => IsTrusted(certificate),
    };

    bool IsTrusted(X509Certificate? certificate)
    {
        if (certificate is not X509Certificate2 peer)
        {
            return false;
        }

        var raw = peer.RawData;
        foreach (var trusted in _settings.TrustedCertificates)
        {
            if (raw.AsSpan().SequenceEqual(trusted.RawDataMemory.Span))
            {
                return true;
            }
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(_settings.TrustedCertificates);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        return chain.Build(peer);
    }

    sealed class TlsListener(INetworkListener inner, TlsNetwork network) : INetworkListener
    {
        public int Port => inner.Port;

        public async ValueTask<INetworkConnection?> AcceptAsync(CancellationToken cancellationToken)
        {
            var connection = await inner.AcceptAsync(cancellationToken);
            return connection is null
                ? null
                : new TlsConnection(
                    connection, new SslStream(new DuplexPipeStream(connection)), network.ServerOptions());
        }

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
