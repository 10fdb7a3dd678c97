using System.Security.Cryptography;
using GpuActors.Shared.Jobs;

namespace GpuActors.Worker.Jobs;

/// <summary>
/// Takes the bytes of one output, in order: in memory while they are few, then in a file. The hash is taken as they
/// come, so that a large output is never read again.
/// </summary>
internal sealed class OutputSink(string name, JobOutput output, string filePath, int inlineBytes) : IAsyncDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly MemoryStream _memory = new();
    private FileStream? _file;
    private long _size;
    private bool _finished;

    /// <summary>Appends bytes.</summary>
    /// <exception cref="JobFailureException">The output would be larger than the document allows.</exception>
    public async ValueTask AppendAsync(
        ReadOnlyMemory<byte> bytes, JsonPointer step, CancellationToken cancellationToken)
    {
        _size += bytes.Length;
        if (_size > output.MaxSizeBytes)
        {
            throw new JobFailureException(
                JobFailureKinds.OutputTooLarge, step,
                $"Output '{name}' may have {output.MaxSizeBytes} bytes (its maxSize); this step makes it {_size}.");
        }

        _hash.AppendData(bytes.Span);
        if (_file is null && _size <= inlineBytes)
        {
            _memory.Write(bytes.Span);
            return;
        }

        _file ??= OpenFile();
        await _file.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The whole output; from here on its file belongs to the caller.</summary>
    public async ValueTask<JobOutputData> FinishAsync()
    {
        if (_file is not null)
        {
            await _file.DisposeAsync().ConfigureAwait(false);
        }

        _finished = true;
        return new JobOutputData(
            name, output.ContentType, Convert.ToHexStringLower(_hash.GetHashAndReset()), _size,
            _file is null ? _memory.ToArray() : null, _file?.Name);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _hash.Dispose();
        if (_file is not null && !_finished)
        {
            await _file.DisposeAsync().ConfigureAwait(false);
            File.Delete(_file.Name);
        }
    }

    private FileStream OpenFile()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(filePath)!);
        var file = new FileStream(filePath, FileMode.Create, FileAccess.Write, FileShare.Read);
        _memory.WriteTo(file);
        return file;
    }
}
