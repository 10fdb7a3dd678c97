using GpuActors.Shared.Jobs.Expressions;

namespace GpuActors.Shared.Jobs;

/// <summary>An argument of a kernel.</summary>
public abstract record JobArgument
{
    /// <summary>A buffer or image by name.</summary>
    public static implicit operator JobArgument(string memory) => new MemoryArgument(memory);

    /// <summary>An <c>int</c>.</summary>
    public static JobArgument Int(Expression value) => Of(ScalarType.Int, value);

    /// <summary>A <c>uint</c>.</summary>
    public static JobArgument UInt(Expression value) => Of(ScalarType.UInt, value);

    /// <summary>A <c>float</c>.</summary>
    public static JobArgument Float(Expression value) => Of(ScalarType.Float, value);

    /// <summary>A number of the given type.</summary>
    public static JobArgument Of(ScalarType type, Expression value) =>
        new ValueArgument(new JobValue(new OpenClType(type), [value]));

    /// <summary>Local memory of so many bytes.</summary>
    public static JobArgument Local(Expression size) => new LocalArgument(size);
}

/// <summary>A buffer or image.</summary>
/// <param name="Memory">Its name.</param>
public sealed record MemoryArgument(string Memory) : JobArgument;

/// <summary>Local memory.</summary>
/// <param name="Size">Length in bytes.</param>
public sealed record LocalArgument(Expression Size) : JobArgument;

/// <summary>A number or vector.</summary>
/// <param name="Value">Its type and components.</param>
public sealed record ValueArgument(JobValue Value) : JobArgument;

/// <summary>A typed number or vector in a document.</summary>
/// <param name="Type">The OpenCL C type.</param>
/// <param name="Components">As many as the type is wide.</param>
public sealed record JobValue(OpenClType Type, IReadOnlyList<Expression> Components)
{
    /// <summary>A single number.</summary>
    public static JobValue Of(ScalarType type, Expression value) => new(new OpenClType(type), [value]);
}
