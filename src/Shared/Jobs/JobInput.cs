namespace GpuActors.Shared.Jobs;

/// <summary>Bytes that a job's steps can write into buffers.</summary>
public abstract record JobInput
{
    /// <summary>Length in bytes; null if the document does not say it.</summary>
    public abstract long? SizeBytes { get; }
}

/// <summary>How an inline input is written in the document.</summary>
public enum InlineForm
{
    /// <summary>UTF-8 text.</summary>
    Text,

    /// <summary>Base64.</summary>
    Base64,

    /// <summary>An array of numbers of <see cref="InlineInput.Element"/>.</summary>
    Numbers,
}

/// <summary>An input whose bytes stand in the document.</summary>
/// <param name="Form">How they are written.</param>
/// <param name="Element">The number's type; only for <see cref="InlineForm.Numbers"/>.</param>
/// <param name="Data">The bytes, numbers in little-endian order.</param>
public sealed record InlineInput(InlineForm Form, ScalarType? Element, ReadOnlyMemory<byte> Data) : JobInput
{
    /// <inheritdoc/>
    public override long? SizeBytes => Data.Length;

    /// <summary>Bytes, written as base64.</summary>
    public static InlineInput FromBytes(ReadOnlyMemory<byte> data) => new(InlineForm.Base64, null, data);
}

/// <summary>An input that is stored as a blob.</summary>
/// <param name="Sha256">The content's SHA-256 in lower-case hexadecimal.</param>
/// <param name="Size">Its length in bytes, where the document says it.</param>
public sealed record BlobInput(string Sha256, long? Size = null) : JobInput
{
    /// <inheritdoc/>
    public override long? SizeBytes => Size;
}
