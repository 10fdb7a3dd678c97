using System.Runtime.InteropServices;
using System.Text;

namespace GpuActors.Shell.Doctor;

/// <summary>
/// What the system's OpenCL loader says, asked in a process of its own: a driver that crashes or hangs takes no more
/// than that with it.
/// </summary>
internal static unsafe partial class OpenClLoader
{
    /// <summary>What the shell is started with to ask: <c>doctor --ask-loader</c>.</summary>
    public const string AskOption = "--ask-loader";

    private const string Library = "libOpenCL.so.1";
    private const uint PlatformVersion = 0x0901;
    private const uint PlatformName = 0x0902;
    private const uint LoaderOpenClVersion = 1;
    private const uint LoaderVersion = 2;
    private const uint LoaderName = 3;
    private const int TextBytes = 1024;

    /// <summary>
    /// Writes <c>loader&lt;TAB&gt;NAME&lt;TAB&gt;FILE</c>, then <c>version&lt;TAB&gt;NAME AND VERSION&lt;TAB&gt;</c>, and a line
    /// <c>platform&lt;TAB&gt;NAME&lt;TAB&gt;VERSION</c> for each platform. No device is looked at: the library would ask for a GPU.
    /// </summary>
    /// <returns>0; 1 when there is no loader.</returns>
    public static int Ask(TextWriter output)
    {
        if (!NativeLibrary.TryLoad(Library, typeof(OpenClLoader).Assembly, null, out _))
        {
            return ExitCodes.Failed;
        }

        output.WriteLine($"loader\tOpenCL loader\t{FileOf()}");
        output.Flush(); // the next calls may not return
        output.WriteLine($"version\t{Describe()}\t");
        uint count = 0;
        if (GetPlatformIDs(0, null, &count) != 0 || count == 0)
        {
            return ExitCodes.Ok;
        }

        var platforms = new nint[count];
        fixed (nint* start = platforms)
        {
            _ = GetPlatformIDs(count, start, null);
        }

        foreach (var platform in platforms)
        {
            output.WriteLine($"platform\t{Text(platform, PlatformName)}\t{Text(platform, PlatformVersion)}");
        }

        return ExitCodes.Ok;
    }

    /// <summary>Name and version, which loaders tell that are younger than ten years.</summary>
    private static string Describe()
    {
        var function = GetExtensionFunctionAddress("clGetICDLoaderInfoOCLICD");
        if (function == 0)
        {
            return "OpenCL loader of unknown version";
        }

        var ask = (delegate* unmanaged<uint, nuint, byte*, nuint*, int>)function;
        string Say(uint name)
        {
            var text = stackalloc byte[TextBytes];
            return ask(name, TextBytes, text, null) == 0 ? Marshal.PtrToStringUTF8((nint)text) ?? "" : "";
        }

        return $"{Say(LoaderName)} {Say(LoaderVersion)} ({Say(LoaderOpenClVersion)})".Trim();
    }

    /// <summary>The file that was loaded.</summary>
    private static string FileOf() => File.ReadLines("/proc/self/maps")
        .Select(line => line.IndexOf('/', StringComparison.Ordinal) is >= 0 and var at ? line[at..] : "")
        .FirstOrDefault(path => Path.GetFileName(path).StartsWith("libOpenCL.so", StringComparison.Ordinal)) ?? Library;

    private static string Text(nint platform, uint name)
    {
        var text = stackalloc byte[TextBytes];
        return GetPlatformInfo(platform, name, TextBytes, text, null) == 0
            ? Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text)).Replace('\t', ' ')
            : "?";
    }

    [LibraryImport(
        Library, EntryPoint = "clGetExtensionFunctionAddress", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint GetExtensionFunctionAddress(string name);

    [LibraryImport(Library, EntryPoint = "clGetPlatformIDs")]
    private static partial int GetPlatformIDs(uint entries, nint* platforms, uint* count);

    [LibraryImport(Library, EntryPoint = "clGetPlatformInfo")]
    private static partial int GetPlatformInfo(nint platform, uint name, nuint size, byte* value, nuint* needed);
}
