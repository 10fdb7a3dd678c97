using System.Text.Json;
using GpuActors.Scheduler.Sessions;
using GpuActors.Shared.Api;
using GpuActors.Shared.Messages;

namespace GpuActors.Scheduler.Tests;

public sealed class EventTagsTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch;

    [Fact]
    public void What_a_tenant_sent_and_how_it_ended_has_the_tenant_s_tag()
    {
        ISessionEvent[] events =
        [
            new JobAccepted("acme", "j", JsonDocument.Parse("{}").RootElement, "hash", Now),
            new SessionCompleted(1, [], "", TimeSpan.Zero, Now),
            new SessionCancelled("no use for it", Now),
        ];
        events.ShouldAllBe(happened => EventTags.Of("acme", happened).Single() == "tenant:acme");
        EventTags.Of("acme", new SessionStarted(1, Now)).ShouldBeEmpty();
    }

    [Fact]
    public void What_happens_on_hosts_has_the_tag_of_each_of_them_once()
    {
        SliceGrant[] slices = [Slice("h1", 0), Slice("h2", 0), Slice("h1", 1)];
        EventTags.Of("acme", new SessionPlaced(1, slices, Now)).ShouldBe(["host:h1", "host:h2"]);
        var error = new JobError { Kind = "hostLost", Message = "gone" };
        EventTags.Of("acme", new AttemptLost(1, "h2", error, Now)).ShouldBe(["host:h2"]);
    }

    private static SliceGrant Slice(string host, int gpu) => new($"{host}/{gpu}/1", host, gpu, 1, 100, Whole: false);
}
