using System.Buffers;
using GpuActors.Scheduler.Sessions;
using GpuActors.Shared.Api;

namespace GpuActors.Scheduler.Tests.Sessions;

public sealed class JobEventCodecTests
{
    [Fact]
    public void An_event_keeps_its_place_among_the_others_on_its_way_to_another_node()
    {
        var sent = new JobProgressEvent
        {
            Sequence = 1L << 41, At = DateTimeOffset.UnixEpoch, Attempt = 2, Progress = new JobProgress(3, 10),
        };
        var codec = new JobEventCodec<JobProgressEvent>(JobProgressEvent.Name);
        var bytes = new ArrayBufferWriter<byte>();
        codec.Write(bytes, sent);
        codec.Read(new ReadOnlySequence<byte>(bytes.WrittenMemory)).ShouldBe(sent);
    }
}
