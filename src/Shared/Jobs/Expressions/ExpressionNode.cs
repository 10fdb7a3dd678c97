namespace GpuActors.Shared.Jobs.Expressions;

/// <summary>
/// A part of an expression. Each can be worked out in whole numbers (128 bits, so that neither a <c>ulong</c> nor a
/// product of sizes overflows on the way) and in real ones; which of the two is asked for is the place's decision.
/// </summary>
internal abstract class ExpressionNode
{
    /// <summary>How tightly it holds together when written: -1 shift, 0 sum, 1 product, 2 sign, 3 atom.</summary>
    public virtual int Precedence => 3;

    /// <exception cref="ExpressionException">There is no whole result.</exception>
    public abstract Int128 Integer(ReadOnlySpan<long> counters);

    /// <exception cref="ExpressionException">There is no finite result.</exception>
    public abstract double Real(ReadOnlySpan<long> counters);

    /// <summary>The same with names replaced by what <paramref name="resolve"/> gives for them.</summary>
    public virtual ExpressionNode Replace(Func<string, ExpressionNode> resolve) => this;

    /// <summary>Adds the names used.</summary>
    public virtual void CollectNames(ICollection<string> names)
    {
    }

    /// <summary>The result depends on no counter.</summary>
    public virtual bool IsConstant => true;
}

/// <summary>Why an expression has no result.</summary>
internal sealed class ExpressionException(string message) : Exception(message);

/// <summary>A name that is not bound to anything yet.</summary>
internal sealed class NameNode(string name) : ExpressionNode
{
    public override bool IsConstant => false;

    public override Int128 Integer(ReadOnlySpan<long> counters) => throw Unbound();

    public override double Real(ReadOnlySpan<long> counters) => throw Unbound();

    public override ExpressionNode Replace(Func<string, ExpressionNode> resolve) => resolve(name);

    public override void CollectNames(ICollection<string> names) => names.Add(name);

    public override string ToString() => name;

    private ExpressionException Unbound() => new($"'{name}' has no value here");
}

/// <summary>The value of a repeat's counter, by how deep the repeat lies.</summary>
internal sealed class CounterNode(string name, int depth) : ExpressionNode
{
    public override bool IsConstant => false;

    public override Int128 Integer(ReadOnlySpan<long> counters) => counters[depth];

    public override double Real(ReadOnlySpan<long> counters) => counters[depth];

    public override string ToString() => name;
}
