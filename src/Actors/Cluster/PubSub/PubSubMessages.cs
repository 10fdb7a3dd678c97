using System.Buffers;
using GpuActors.Actors.Serialization;

namespace GpuActors.Actors.Cluster.PubSub;

/// <summary>To the mediator: <paramref name="Ref"/> wants what is published to a topic; answered by
/// <see cref="SubscribeAck"/>. Ends when the actor stops.</summary>
public sealed record Subscribe(string Topic, IActorRef Ref);

/// <summary>The subscription holds on this node; others learn of it within moments.</summary>
public sealed record SubscribeAck(Subscribe Subscribe);

/// <summary>To the mediator: <paramref name="Ref"/> wants no more of a topic; answered by
/// <see cref="UnsubscribeAck"/>.</summary>
public sealed record Unsubscribe(string Topic, IActorRef Ref);

/// <summary>The subscription has ended.</summary>
public sealed record UnsubscribeAck(Unsubscribe Unsubscribe);

/// <summary>To the mediator: bring a message to all subscribers of a topic in the cluster, at most once each.
/// </summary>
public sealed record Publish(string Topic, object Message);

/// <summary>To the mediator: which topics have subscribers? Answered by <see cref="CurrentTopics"/>.</summary>
public sealed record GetTopics;

/// <summary>Topics that have subscribers somewhere, as far as this node knows.</summary>
public sealed record CurrentTopics(IReadOnlyList<string> Topics);

/// <summary>From mediator to mediator: for your subscribers.</summary>
internal sealed record Published(string Topic, object Message);

/// <summary>From mediator to mediator: all topics with subscribers on this node.</summary>
/// <param name="MemberId">This node, in this life.</param>
/// <param name="Version">Grows with each change.</param>
/// <param name="Topics">All of them.</param>
internal sealed record TopicList(string MemberId, long Version, IReadOnlyList<string> Topics) : IDeadLetterSuppression;

/// <summary>From mediator to mediator: the version of this node's list, for those who missed one.</summary>
internal sealed record TopicsVersion(string MemberId, long Version) : IDeadLetterSuppression;

/// <summary>From mediator to mediator: send your list.</summary>
internal sealed record TopicsRequest : IDeadLetterSuppression;

/// <summary>A <see cref="Published"/>: the topic as a text, then the message.</summary>
internal sealed class PublishedCodec(Serialization.Serialization serialization) : IMessageCodec<Published>
{
    public void Write(IBufferWriter<byte> destination, Published message)
    {
        NestedMessage.WriteText(destination, message.Topic);
        NestedMessage.Write(serialization, destination, message.Message);
    }

    public Published Read(ReadOnlySequence<byte> source)
    {
        var reader = new SequenceReader<byte>(source);
        var topic = NestedMessage.ReadText(ref reader);
        return new Published(topic, NestedMessage.Read(serialization, ref reader));
    }
}
