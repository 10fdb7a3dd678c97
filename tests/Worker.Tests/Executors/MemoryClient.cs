using System.Net.Sockets;
using GpuActors.Shared.Commands;
using GpuActors.Shared.Commands.Rings;
using GpuActors.Worker.Executors.Engine;
using GpuActors.Worker.Sharing;

namespace GpuActors.Worker.Tests.Executors;

/// <summary>A client that has taken the offer of shared memory, and may do with it what it likes.</summary>
internal sealed unsafe class MemoryClient : IDisposable
{
    private readonly Socket _socket;
    private readonly int _descriptor;
    private readonly byte* _memory;
    private readonly nuint _bytes;
    private readonly RingReader _reader;
    private readonly RingWriter _writer;
    private bool _isDisposed;

    private MemoryClient(Socket socket, int descriptor)
    {
        _socket = socket;
        _descriptor = descriptor;
        _bytes = SizeOf(descriptor);
        _memory = (byte*)Libc.Map(null, _bytes, Libc.ProtectRead | Libc.ProtectWrite, Libc.MapShared, descriptor, 0);
        ((nint)_memory).ShouldNotBe(-1);
        (_reader, _writer) = RingMemory.OpenAsClient(_memory, RingMemory.RingBytesOf((long)_bytes)!.Value);
    }

    /// <summary>Whether the ring that this client should read has no room.</summary>
    public bool IsFull => *(uint*)(_memory + 512) - *(uint*)(_memory + 512 + 256) >= (uint)(_writer.Size - 999);

    /// <summary>Receives the first bytes, with the descriptor, and takes the offer.</summary>
    public static MemoryClient TakeOffer(Socket socket, out byte[] first, int bytes)
    {
        first = new byte[bytes];
        var control = default(Libc.DescriptorMessage);
        socket.Poll(TimeSpan.FromMinutes(1), SelectMode.SelectRead).ShouldBeTrue();
        fixed (byte* start = first)
        {
            var vector = new Libc.IoVector { Start = start, Length = (nuint)bytes };
            var message = new Libc.MessageHeader
            {
                Vectors = &vector,
                VectorCount = 1,
                Control = &control,
                ControlLength = (nuint)sizeof(Libc.DescriptorMessage),
            };
            Libc.ReceiveMessage((int)socket.Handle, &message, Libc.MessageCloseOnExec).ShouldBe(bytes);
            message.ControlLength.ShouldBeGreaterThan((nuint)0, "no descriptor came");
        }

        var client = new MemoryClient(socket, control.Descriptor);
        var header = new byte[FrameHeader.SizeBytes];
        new FrameHeader(0, Opcode.UseMemory, 0, 0).Write(header);
        socket.Send(header);
        return client;
    }

    public void SendAll(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            for (var at = 0; at < bytes.Length;)
            {
                int written = _writer.Write(start + at, (nuint)(bytes.Length - at));
                at += written;
                if (written > 0 && _writer.TakeSleepingReader())
                    _socket.Send([0]);
                if (written == 0 && _writer.MaySleep())
                    Futex.Sleep(_writer.Sleeps, 1, TimeSpan.FromSeconds(1));
            }
        }
    }

    public byte[] Receive(int bytes)
    {
        var received = new byte[bytes];
        fixed (byte* start = received)
        {
            for (var at = 0; at < bytes;)
            {
                int read = _reader.Read(start + at, bytes - at);
                at += read;
                if (read > 0 && _reader.TakeSleepingWriter())
                    Futex.WakeAll(_reader.WriterSleeps);
                if (read == 0 && _reader.MaySleep() && _socket.Receive(new byte[64]) == 0)
                    return received[..at];
            }
        }

        return received;
    }

    /// <summary>Overwrites all positions.</summary>
    public void Spoil(uint value) => new Span<uint>(_memory, 1024 / sizeof(uint)).Fill(value);

    /// <summary>Tries to take pages away from under the executor.</summary>
    public bool TryCutOff() => Libc.Truncate(_descriptor, 0) == 0;

    public void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        _ = Libc.Close(_descriptor);
        _ = Libc.Unmap(_memory, _bytes);
    }

    private static nuint SizeOf(int descriptor)
    {
        using var handle = new Microsoft.Win32.SafeHandles.SafeFileHandle(descriptor, ownsHandle: false);
        return (nuint)RandomAccess.GetLength(handle);
    }
}
