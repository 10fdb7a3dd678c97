using System.Text;

namespace GpuActors.Client.Events;

/// <summary>Reads server-sent events (HTML standard, "Interpreting an event stream") with bounded lines.</summary>
internal sealed class ServerSentEventReader(Stream stream)
{
    private const int MaxEventBytes = 8 * 1024 * 1024;

    private byte[] _buffer = new byte[16 * 1024];
    private int _start;
    private int _end;

    /// <summary>The next event; null at the end of the stream. An event that the end cuts off is dropped.</summary>
    /// <exception cref="UnexpectedAnswerException">An event is too long.</exception>
    public async ValueTask<ServerSentEvent?> ReadAsync(CancellationToken cancellationToken)
    {
        string? id = null;
        string name = "message";
        StringBuilder? data = null;
        while (await ReadLineAsync(cancellationToken).ConfigureAwait(false) is { } line)
        {
            if (line.Length == 0)
            {
                if (data is not null)
                {
                    return new ServerSentEvent(id, name, data.ToString());
                }

                continue;
            }

            var (field, value) = Split(line);
            switch (field)
            {
                case "":
                    return new ServerSentEvent(null, "", "");
                case "id":
                    id = value;
                    break;
                case "event":
                    name = value;
                    break;
                case "data":
                    data = data is null ? new StringBuilder(value) : data.Append('\n').Append(value);
                    Check(data.Length);
                    break;
            }
        }

        return null;
    }

    private static (string Field, string Value) Split(string line)
    {
        int colon = line.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? (line, "")
            : line.AsSpan(colon + 1).StartsWith(" ") ? (line[..colon], line[(colon + 2)..])
            : (line[..colon], line[(colon + 1)..]);
    }

    private async ValueTask<string?> ReadLineAsync(CancellationToken cancellationToken)
    {
        int searched = 0;
        while (true)
        {
            int newline = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            if (newline >= 0)
            {
                int length = searched + newline;
                string line = Encoding.UTF8.GetString(_buffer, _start, length).TrimEnd('\r');
                _start += length + 1;
                return line;
            }

            searched = _end - _start;
            MakeRoom();
            int count = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
            if (count == 0)
            {
                return null;
            }

            _end += count;
        }
    }

    private void MakeRoom()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        if (_end == _buffer.Length)
        {
            Check(2 * _buffer.Length);
            Array.Resize(ref _buffer, 2 * _buffer.Length);
        }
    }

    private static void Check(int bytes)
    {
        if (bytes > MaxEventBytes)
        {
            throw new UnexpectedAnswerException($"An event of the stream is longer than {MaxEventBytes} bytes.");
        }
    }
}
