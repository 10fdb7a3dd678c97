using System.Text;

namespace GpuActors.Worker.Jobs;

/// <summary>What kernels printed: the beginning is kept, what is beyond the bound is counted.</summary>
internal sealed class JobLog(int maxBytes, IJobObserver observer)
{
    private readonly Lock _lock = new();
    private readonly StringBuilder _text = new();
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private long _bytes;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        string text;
        lock (_lock)
        {
            var room = (int)Math.Clamp(maxBytes - _bytes, 0, bytes.Length);
            _bytes += bytes.Length;
            text = Decode(bytes[..room]);
            _text.Append(text);
        }

        if (text.Length > 0)
        {
            observer.Log(text);
        }
    }

    public override string ToString()
    {
        lock (_lock)
        {
            return _bytes > maxBytes ? $"{_text}\n… {_bytes - maxBytes} bytes more were printed\n" : _text.ToString();
        }
    }

    // A character may be cut in two by the end of a frame.
    private string Decode(ReadOnlySpan<byte> bytes)
    {
        var characters = new char[_decoder.GetCharCount(bytes, flush: false)];
        var count = _decoder.GetChars(bytes, characters, flush: false);
        return new string(characters, 0, count);
    }
}
