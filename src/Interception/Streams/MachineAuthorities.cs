using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace GpuActors.Interception.Streams;

/// <summary>
/// The machine's certificate authorities. Nothing here asks them, but .NET reads all of them in a process's first TLS
/// handshake, which takes 0.1 s; so they are read while the gateway looks for an executor.
/// </summary>
internal static class MachineAuthorities
{
    private static int s_asked;

    /// <summary>Reads them in the background, the first time that it is called.</summary>
    public static void ReadAhead()
    {
        if (Interlocked.Exchange(ref s_asked, 1) == 0)
            new Thread(Read) { IsBackground = true, Name = "gpuactors-tls" }.Start();
    }

    private static void Read()
    {
        try
        {
            using var store = new X509Store(StoreName.Root, StoreLocation.LocalMachine);
            store.Open(OpenFlags.ReadOnly);
            foreach (X509Certificate2 authority in store.Certificates)
                authority.Dispose();
        }
        catch (CryptographicException)
        {
            // The handshake does without.
        }
    }
}
