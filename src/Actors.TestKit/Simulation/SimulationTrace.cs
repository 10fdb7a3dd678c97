using System.Globalization;

namespace GpuActors.Actors.TestKit.Simulation;

/// <summary>
/// The story of a run, one line for each thing worth telling. Every line is part of the hash, whether anybody reads it
/// or not: two runs with the same hash did the same.
/// </summary>
public sealed class SimulationTrace
{
    private readonly VirtualRuntime _runtime;
    private readonly Action<string>? _write;

    internal SimulationTrace(VirtualRuntime runtime, Action<string>? write)
    {
        _runtime = runtime;
        _write = write;
    }

    /// <summary>Somebody reads the lines.</summary>
    public bool IsRead => _write is not null;

    /// <summary>Hash of all lines, choices and times so far.</summary>
    public ulong Hash => _runtime.Fingerprint;

    /// <summary>Adds a line.</summary>
    /// <param name="who">The process or part that it is about.</param>
    /// <param name="what">What happened.</param>
    public void Add(string who, string what)
    {
        MixText(who);
        MixText(what);
        if (_write is not null)
        {
            WriteLine(who, what);
        }
    }

    /// <summary>Adds a line for readers only, such as a log entry: not part of the hash.</summary>
    public void Remark(string who, string what) => WriteLine(who, what);

    private void WriteLine(string who, string what) => _write?.Invoke(string.Create(
        CultureInfo.InvariantCulture, $"{_runtime.Elapsed.TotalSeconds,11:F6} {who,-12} {what}"));

    private void MixText(string text)
    {
        foreach (var letter in text)
        {
            _runtime.Mix(letter);
        }
    }
}
