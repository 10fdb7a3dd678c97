using System.Runtime.InteropServices;

namespace GpuActors.Interception.Leasing;

/// <summary>What is needed of the C library to start a process behind a program's back.</summary>
internal static unsafe partial class Posix
{
    public const int CloseOnExec = 0x80000;
    public const int DuplicateCloseOnExec = 1030;
    public const short SetsSession = 0x80;
    public const short SetsMask = 8;
    public const short SetsDefaults = 4;

    /// <summary>For <see cref="AuxiliaryValue"/>.</summary>
    public const nuint IsSecureExecution = 23;

    private const string Library = "libc";
    private const int InterruptedCode = 4;

    [LibraryImport(Library, EntryPoint = "pipe2", SetLastError = true)]
    public static partial int Pipe(int* ends, int flags);

    [LibraryImport(Library, EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int descriptor);

    [LibraryImport(Library, EntryPoint = "fcntl", SetLastError = true)]
    public static partial int Control(int descriptor, int command, int argument);

    [LibraryImport(Library, EntryPoint = "waitpid", SetLastError = true)]
    public static partial int WaitFor(int process, int* status, int options);

    [LibraryImport(Library, EntryPoint = "getauxval")]
    public static partial nuint AuxiliaryValue(nuint name);

    [LibraryImport(Library, EntryPoint = "posix_spawn", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Spawn(
        int* process, string path, void* actions, void* attributes, nint arguments, nint environment);

    [LibraryImport(Library, EntryPoint = "posix_spawn_file_actions_init")]
    public static partial int InitActions(void* actions);

    [LibraryImport(Library, EntryPoint = "posix_spawn_file_actions_destroy")]
    public static partial int DestroyActions(void* actions);

    [LibraryImport(Library, EntryPoint = "posix_spawn_file_actions_adddup2")]
    public static partial int AddDuplicate(void* actions, int from, int to);

    [LibraryImport(Library, EntryPoint = "posix_spawn_file_actions_addclosefrom_np")]
    public static partial int AddCloseFrom(void* actions, int lowest);

    [LibraryImport(Library, EntryPoint = "posix_spawnattr_init")]
    public static partial int InitAttributes(void* attributes);

    [LibraryImport(Library, EntryPoint = "posix_spawnattr_destroy")]
    public static partial int DestroyAttributes(void* attributes);

    [LibraryImport(Library, EntryPoint = "posix_spawnattr_setflags")]
    public static partial int SetFlags(void* attributes, short flags);

    [LibraryImport(Library, EntryPoint = "posix_spawnattr_setsigmask")]
    public static partial int SetMask(void* attributes, void* signals);

    [LibraryImport(Library, EntryPoint = "posix_spawnattr_setsigdefault")]
    public static partial int SetDefaults(void* attributes, void* signals);

    /// <summary>The file that this code was loaded from.</summary>
    public static string PathOfLibrary()
    {
        LoadedFile file;
        return FindAddress((void*)(delegate* unmanaged<void>)&Here, &file) != 0 && file.Path != 0
            ? Path.GetFullPath(Marshal.PtrToStringUTF8(file.Path)!)
            : throw new IOException("the library cannot tell where it is");
    }

    /// <summary>Whether the last call ended because of a signal.</summary>
    public static bool WasInterrupted() => Marshal.GetLastPInvokeError() == InterruptedCode;

    /// <summary>For calls that return their error.</summary>
    public static void ThrowIfFailed(int code, string what)
    {
        if (code != 0)
            throw new IOException($"{what} failed: {Marshal.GetPInvokeErrorMessage(code)}");
    }

    /// <summary>For calls that return -1 and set their error.</summary>
    public static void ThrowIfSet(int result, string what)
    {
        if (result < 0)
            ThrowIfFailed(Marshal.GetLastPInvokeError(), what);
    }

    [UnmanagedCallersOnly]
    private static void Here()
    {
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct LoadedFile
    {
        public nint Path;
        public nint Base;
        public nint SymbolName;
        public nint SymbolAddress;
    }

    [LibraryImport(Library, EntryPoint = "dladdr")]
    private static partial int FindAddress(void* address, LoadedFile* file);
}
