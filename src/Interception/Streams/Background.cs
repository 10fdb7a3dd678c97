namespace GpuActors.Interception.Streams;

internal sealed unsafe partial class CommandStream
{
    /// <summary>
    /// The thread that reads and flushes while no thread of the program does. While the program is active it looks
    /// every few milliseconds, and reads the socket only if something is to come that nobody waits for: otherwise it
    /// would be woken by every reply that another thread is about to read. Once the program is silent it sleeps on the
    /// socket.
    /// </summary>
    private sealed class Background
    {
        private const int TurnMilliseconds = 1;

        /// <summary>Turns without a command before it sleeps until something happens.</summary>
        private const int QuietTurns = 16;

        private readonly CommandStream _stream;
        private readonly int _bell;
        private int _expected;
        private int _activity;
        private bool _isAsleep;

        public Background(CommandStream stream)
        {
            _stream = stream;
            _bell = Libc.EventDescriptor(0, Libc.EventNonBlocking | Libc.EventCloseOnExec);
            if (_bell < 0)
                throw new IOException("eventfd failed");
            new Thread(Run, 256 << 10) { IsBackground = true, Name = "gpuactors" }.Start();
        }

        /// <summary>A command was put into the buffer.</summary>
        public void Note()
        {
            Volatile.Write(ref _activity, _activity + 1);
            if (Volatile.Read(ref _isAsleep))
                Wake();
        }

        /// <summary>A reply will come that nobody waits for.</summary>
        public void Expect() => Interlocked.Increment(ref _expected);

        /// <summary>Such a reply came.</summary>
        public void Got() => Interlocked.Decrement(ref _expected);

        /// <summary>No thread of the program reads any more.</summary>
        public void TakeOver()
        {
            if (Volatile.Read(ref _expected) > 0)
                Wake();
        }

        public void Wake()
        {
            ulong one = 1;
            Libc.Write(_bell, &one, sizeof(ulong));
        }

        private void Run()
        {
            int seen = 0, turns = 0;
            var descriptors = stackalloc Libc.PollDescriptor[2];
            while (!_stream.IsLost)
            {
                int activity = Volatile.Read(ref _activity);
                turns = activity == seen ? turns + 1 : 0;
                seen = activity;
                if (_stream._filling.Length > 0)
                {
                    turns = 0;
                    _stream.FlushIfIdle();
                }
                Sleep(descriptors, turns >= QuietTurns, seen);
                if (descriptors[1].Returned != 0 && !Volatile.Read(ref _stream._isLed))
                    _stream.ReceiveInBackground();
                else if (descriptors[1].Returned != 0)
                    turns = 0; // another thread reads it: keep away from the socket for a while
            }
        }

        private void Sleep(Libc.PollDescriptor* descriptors, bool isQuiet, int seen)
        {
            bool watches = (isQuiet || Volatile.Read(ref _expected) > 0) && !Volatile.Read(ref _stream._isLed);
            bool maySleep = !watches || _stream._transport.MaySleep();
            descriptors[0] = new Libc.PollDescriptor { Descriptor = _bell, Events = Libc.PollIn };
            descriptors[1] = new Libc.PollDescriptor { Descriptor = _stream._transport.Descriptor, Events = Libc.PollIn };
            isQuiet &= watches;
            if (isQuiet)
            {
                Volatile.Write(ref _isAsleep, true);
                Interlocked.MemoryBarrier();
                isQuiet = Volatile.Read(ref _activity) == seen && _stream._filling.Length == 0;
            }
            Libc.Poll(descriptors, watches ? 2u : 1u, !maySleep ? 0 : isQuiet ? -1 : TurnMilliseconds);
            Volatile.Write(ref _isAsleep, false);
            if (descriptors[0].Returned != 0)
            {
                ulong rung;
                Libc.Read(_bell, &rung, sizeof(ulong));
            }
            if (!watches)
                descriptors[1].Returned = 0;
            else if (!maySleep)
                descriptors[1].Returned = Libc.PollIn;
        }
    }
}
