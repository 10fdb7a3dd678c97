using System.Diagnostics;
using System.Runtime.InteropServices;
using GpuActors.Worker.Nvml;

namespace GpuActors.Worker.Tests.Nvml;

/// <summary>
/// A machine with NVIDIA GPUs that exist in memory: <c>fake-nvml.c</c>, compiled once, loaded from a copy of its own,
/// so that each test has its own machine.
/// </summary>
internal sealed class FakeNvml : IDisposable
{
    private static readonly Lazy<string> Current = new(() => Compile("fake-nvml.so"));
    private static readonly Lazy<string> Old = new(() => Compile("fake-nvml-old.so", "-DFAKE_OLD"));

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gpuactors-nvml-");
    private readonly nint _handle;

    /// <summary>A machine without GPUs.</summary>
    /// <param name="old">With a driver before 510.</param>
    public FakeNvml(bool old = false)
    {
        Path = System.IO.Path.Combine(_folder.FullName, "libnvidia-ml.so.1");
        File.Copy((old ? Old : Current).Value, Path);
        _handle = NativeLibrary.Load(Path);
    }

    private delegate int AddGpuFunction(string model, uint domain, uint bus, uint device, int numa);

    private delegate uint CountFunction();

    private delegate void OneFunction(int value);

    private delegate void TwoFunction(int first, int second);

    private delegate void ThreeFunction(int first, int second, int third);

    public string Path { get; }

    /// <summary>Calls so far that changed an instance.</summary>
    public int Changes => (int)Function<CountFunction>("fake_changes")();

    /// <summary>A machine with one GPU in MIG mode.</summary>
    public static FakeNvml WithMig(string model, out string uuid, bool old = false)
    {
        var fake = new FakeNvml(old);
        fake.Add(model);
        using var nvml = fake.Open();
        uuid = nvml.UuidOf(nvml.DeviceAt(0));
        new MigMode(nvml).Set(uuid, enabled: true).ShouldBe(MigModeChange.Changed);
        return fake;
    }

    /// <summary>Puts a card in: <c>A100-40</c>, <c>A30</c> or <c>T4</c>.</summary>
    public int Add(string model, uint domain = 0, uint bus = 0x3b, uint device = 0, int numa = 0)
    {
        var index = Function<AddGpuFunction>("fake_add_gpu")(model, domain, bus, device, numa);
        index.ShouldBeGreaterThanOrEqualTo(0, $"the fake has no model {model}, or no slot");
        return index;
    }

    /// <summary>The library as the worker loads it.</summary>
    public NvmlLibrary Open() => NvmlLibrary.TryOpen(Path, out _)!;

    public void SetPrivileged(bool yes) => Function<OneFunction>("fake_set_privileged")(yes ? 1 : 0);

    public void SetInit(NvmlCode code) => Function<OneFunction>("fake_set_init")((int)code);

    public void SetActivation(NvmlCode code) => Function<TwoFunction>("fake_set_activation")(0, (int)code);

    /// <summary>After so many more changes the next fails, once.</summary>
    public void FailAfter(int changes, NvmlCode code) => Function<TwoFunction>("fake_fail_after")(changes, (int)code);

    public void SetProcesses(int count) => Function<TwoFunction>("fake_set_processes")(0, count);

    /// <summary>A process computes on the instance that begins there; 0: none does.</summary>
    public void Use(int start, int pid) => Function<ThreeFunction>("fake_use")(0, start, pid);

    /// <summary>Takes an instance's compute instances; leaves one of <paramref name="slices"/> if not 0.</summary>
    public void Spoil(int start, int slices) => Function<ThreeFunction>("fake_spoil")(0, start, slices);

    public void Reboot(bool keepsMode) => Function<OneFunction>("fake_reboot")(keepsMode ? 1 : 0);

    public void Dispose()
    {
        NativeLibrary.Free(_handle);
        _folder.Delete(recursive: true);
    }

    private T Function<T>(string name)
        where T : Delegate =>
        Marshal.GetDelegateForFunctionPointer<T>(NativeLibrary.GetExport(_handle, name));

    private static string Compile(string name, params string[] options)
    {
        var folder = Directory.CreateTempSubdirectory("gpuactors-nvml-built-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        var library = System.IO.Path.Combine(folder, name);
        var source = System.IO.Path.Combine(AppContext.BaseDirectory, "Nvml", "fake-nvml.c");
        var start = new ProcessStartInfo("gcc") { RedirectStandardError = true, UseShellExecute = false };
        foreach (var argument in (string[])
            ["-std=c11", "-Wall", "-Wextra", "-Werror", "-O1", "-fPIC", "-shared", .. options, "-o", library, source])
        {
            start.ArgumentList.Add(argument);
        }

        try
        {
            using var gcc = Process.Start(start)!;
            var said = gcc.StandardError.ReadToEnd();
            gcc.WaitForExit();
            gcc.ExitCode.ShouldBe(0, $"gcc could not build {source}: {said}");
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new InvalidOperationException(
                "These tests build a small libnvidia-ml and need gcc (Debian: apt-get install gcc libc6-dev).", e);
        }

        return library;
    }
}
