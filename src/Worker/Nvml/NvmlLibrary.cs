using System.Runtime.InteropServices;
using System.Text;

namespace GpuActors.Worker.Nvml;

/// <summary>
/// NVIDIA's management library, loaded where it is present. Handles are plain pointers that the library owns; those of
/// instances are invalid after the instance, or the device, was taken away. Calls may come from several threads.
/// </summary>
/// <remarks>Layouts, numbers and names: <c>nvml.h</c> of the drivers 450 to 580.</remarks>
internal sealed unsafe partial class NvmlLibrary : IDisposable
{
    /// <summary>Path of the library in place of the system's; it must be there then.</summary>
    public const string PathVariable = "GPUACTORS_NVML";

    /// <summary>The library that comes with NVIDIA's driver.</summary>
    public const string SystemLibrary = "libnvidia-ml.so.1";

    /// <summary>Room for NVML's texts: names and UUIDs have 96 bytes at most, with the final zero.</summary>
    private const int TextBytes = 128;

    private readonly nint _library;
    private readonly NvmlFunctions _functions;
    private bool _closed;

    private NvmlLibrary(nint library, NvmlFunctions functions)
    {
        _library = library;
        _functions = functions;
    }

    /// <summary>Loads and initialises the library; null, with the reason, where there is none or no driver.</summary>
    /// <param name="path">Its path; null: what <see cref="PathVariable"/> says, or else the system's.</param>
    /// <param name="reason">Why there is none; empty if there is.</param>
    /// <exception cref="NvmlUnavailableException">A path was given and that library can't be used.</exception>
    public static NvmlLibrary? TryOpen(string? path, out string reason)
    {
        path ??= Environment.GetEnvironmentVariable(PathVariable) is { Length: > 0 } set ? set : null;
        if (!NativeLibrary.TryLoad(path ?? SystemLibrary, out var library))
        {
            reason = $"{path ?? SystemLibrary} can't be loaded";
            return path is null ? null : throw new NvmlUnavailableException(
                $"{reason}; {PathVariable} must name NVIDIA's {SystemLibrary}, or be unset.");
        }

        var functions = new NvmlFunctions(library);
        var code = functions.Init();
        if (code == NvmlCode.Success)
        {
            reason = "";
            return new NvmlLibrary(library, functions);
        }

        reason = new NvmlException("nvmlInit_v2", code, functions.ErrorString(code)).Message;
        NativeLibrary.Free(library);
        return path is null ? null : throw new NvmlUnavailableException($"{path}: {reason}");
    }

    /// <summary>Version of the driver.</summary>
    public string DriverVersion
    {
        get
        {
            var text = stackalloc byte[TextBytes];
            Check(_functions.SystemGetDriverVersion(text, TextBytes), "nvmlSystemGetDriverVersion");
            return TextOf(text, TextBytes);
        }
    }

    /// <summary>Number of NVIDIA GPUs that the process may use.</summary>
    public int DeviceCount
    {
        get
        {
            uint count;
            Check(_functions.DeviceGetCount(&count), "nvmlDeviceGetCount_v2");
            return (int)count;
        }
    }

    /// <summary>Handle of a GPU by its position.</summary>
    public nint DeviceAt(int index)
    {
        nint device;
        Check(_functions.DeviceGetHandleByIndex((uint)index, &device), "nvmlDeviceGetHandleByIndex_v2");
        return device;
    }

    /// <summary>Handle of a GPU by its UUID.</summary>
    public nint DeviceOf(string uuid)
    {
        nint device;
        fixed (byte* text = Encoding.UTF8.GetBytes(uuid + '\0'))
        {
            Check(_functions.DeviceGetHandleByUuid(text, &device), $"nvmlDeviceGetHandleByUUID({uuid})");
        }

        return device;
    }

    /// <summary>Shuts the library down and unloads it.</summary>
    public void Dispose()
    {
        if (!_closed)
        {
            _closed = true;
            _functions.Shutdown();
            NativeLibrary.Free(_library);
        }
    }

    private void Check(NvmlCode code, string call)
    {
        if (code != NvmlCode.Success)
        {
            throw new NvmlException(call, code, _functions.ErrorString(code));
        }
    }

    private string Text(delegate* unmanaged<nint, byte*, uint, NvmlCode> read, nint device, string call)
    {
        var text = stackalloc byte[TextBytes];
        Check(read(device, text, TextBytes), call);
        return TextOf(text, TextBytes);
    }

    private static string TextOf(byte* text, int bytes)
    {
        var span = new ReadOnlySpan<byte>(text, bytes);
        var end = span.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? span : span[..end]);
    }
}
