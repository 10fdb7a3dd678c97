using System.Runtime.InteropServices;

namespace GpuActors.Worker.Executors.Engine;

/// <summary>Zero-terminated UTF-8 texts in native memory, as C functions take a list of them.</summary>
internal sealed unsafe class Utf8List : IDisposable
{
    private readonly int _count;

    public Utf8List(IReadOnlyList<string> texts)
    {
        _count = texts.Count;
        Pointers = (byte**)NativeMemory.AllocZeroed((nuint)Math.Max(1, _count), (nuint)sizeof(nint));
        for (var i = 0; i < _count; i++)
            Pointers[i] = (byte*)Marshal.StringToCoTaskMemUTF8(texts[i]);
    }

    public byte** Pointers { get; }

    public void Dispose()
    {
        for (var i = 0; i < _count; i++)
            Marshal.FreeCoTaskMem((nint)Pointers[i]);
        NativeMemory.Free(Pointers);
    }
}
