using GpuActors.Actors.Remoting.Wire;

namespace GpuActors.Actors.Remoting.Handshakes;

/// <summary>What a handshake agreed on.</summary>
/// <param name="RemoteAddress">The peer's own address.</param>
/// <param name="RemoteUid">The peer's incarnation.</param>
/// <param name="Id">A number for this connection that both ends know; never 0.</param>
/// <param name="Sealer">Protects what is sent.</param>
/// <param name="Opener">Checks what is received.</param>
sealed record Session(
    string RemoteAddress, ulong RemoteUid, ulong Id, IFrameSealer Sealer, IFrameOpener Opener) : IDisposable
{
    public void Dispose()
    {
        Sealer.Dispose();
        Opener.Dispose();
    }
}

/// <summary>A dialling node that has proved itself and waits for the answer.</summary>
/// <param name="Session">The session to be, if it is welcome.</param>
/// <param name="LastSession">The newest connection that it knew of when it dialled; 0 for none.</param>
/// <param name="Welcome">The body of the frame that welcomes it.</param>
/// <param name="RefusalMac">What makes a refusal authentic.</param>
sealed record Caller(Session Session, ulong LastSession, byte[] Welcome, byte[] RefusalMac);
