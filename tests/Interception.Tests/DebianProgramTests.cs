using System.Security.Cryptography;
using System.Text;
using GpuActors.Interception.Tests.Hosting;

namespace GpuActors.Interception.Tests;

/// <summary>Programs that know nothing of GpuActors, as Debian ships them: they do what they do on local OpenCL.</summary>
[Collection(SessionTests.Name)]
public sealed class DebianProgramTests(SessionFixture fixture) : IDisposable
{
    private const string Python = "/usr/bin/python3";
    private const string Examples = "/usr/share/doc/python-pyopencl-doc/examples";
    private readonly string _folder = Directory.CreateTempSubdirectory("gpuactors-programs-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [ProgramFact("/usr/bin/clpeak")]
    public async Task Clpeak_measures_the_latency_of_launches()
    {
        var result = await RunAsync("clpeak", "--kernel-latency");

        result.Output.ShouldMatch(@"Kernel launch latency : [0-9.]+ us");
    }

    [ProgramFact("/usr/bin/hashcat")]
    public async Task Hashcat_finds_the_words()
    {
        string[] words = ["ab1c", "9x8y7"];
#pragma warning disable CA5351 // what hashcat is asked to break
        await File.WriteAllLinesAsync(
            Path.Combine(_folder, "md5.txt"),
            words.Select(word => Convert.ToHexStringLower(MD5.HashData(Encoding.ASCII.GetBytes(word)))));
#pragma warning restore CA5351

        await RunAsync(
            "hashcat", "-m", "0", "-a", "3", "--potfile-disable", "-o", "out.txt", "--outfile-format", "2", "--force", "-O",
            "-1", "?l?d", "md5.txt", "?1?1?1?1?1", "--increment", "--increment-min", "4");

        (await File.ReadAllLinesAsync(Path.Combine(_folder, "out.txt"))).Order().ShouldBe(words.Order());
    }

    [ProgramFact(Examples + "/demo.py")]
    public async Task Pyopencl_adds_vectors()
    {
        var result = await RunAsync(Python, Examples + "/demo.py");

        result.Output.ShouldEndWith("\n0.0\n"); // the difference from what the processor says
    }

    /// <summary>
    /// Those that need shared virtual memory are skipped besides the one that is skipped on any device; the two that are
    /// expected to fail do so with SVM only.
    /// </summary>
    [ProgramFact(Examples + "/test_wrapper.py")]
    public async Task Pyopencls_own_tests_pass()
    {
        File.Copy(Examples + "/test_wrapper.py", Path.Combine(_folder, "test_wrapper.py"));
        File.Copy(Examples + "/empty-header.h", Path.Combine(_folder, "empty-header.h"));

        var result = await RunAsync(Python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_wrapper.py");

        result.Output.ShouldMatch(@"39 passed, 5 skipped");
    }

    [ProgramFact("/usr/bin/clblast_test_xaxpy")]
    public async Task ClBlasts_own_tests_pass()
    {
        var result = await RunAsync("clblast_test_xaxpy");

        // In each of four precisions; there are no halves.
        result.Output.Split(" 36 test(s) passed").Length.ShouldBe(1 + 4, result.ToString());
        result.Output.Split(" 0 test(s) failed").Length.ShouldBe(1 + 4, result.ToString());
    }

    [ProgramFact("/usr/bin/clFFT-client")]
    public async Task ClFft_checks_its_result()
    {
        var result = await RunAsync("clFFT-client", "-c", "-x", "1024");

        (result.Output + result.Errors).ShouldContain("PASS");
    }

    [ProgramFact("/usr/bin/ffmpeg")]
    public Task Ffmpegs_filter_gives_the_same_pictures() => SameFileAsync(
        "o.yuv", "ffmpeg",
        "-y", "-v", "error", "-init_hw_device", "opencl=ocl:0.0", "-filter_hw_device", "ocl", "-f", "lavfi", "-i",
        "testsrc2=s=320x240:d=2", "-vf", "format=yuv420p,hwupload,avgblur_opencl=sizeX=5,hwdownload,format=yuv420p",
        "-f", "rawvideo", "o.yuv");

    [ProgramFact("/usr/bin/gegl")]
    public async Task Gegls_operation_gives_the_same_picture()
    {
        await RunAsync(
            "ffmpeg", "-y", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=640x480:d=1", "-frames:v", "1", "in.png");

        await SameFileAsync("out.png", "gegl", "in.png", "-o", "out.png", "--", "gegl:brightness-contrast", "contrast=1.5");
    }

    [ProgramFact("/usr/lib/x86_64-linux-gnu/openmm/plugins/libOpenMMOpenCL.so")]
    public async Task OpenMm_has_the_energies_of_its_reference()
    {
        var result = await RunAsync(Python, Path.Combine(AppContext.BaseDirectory, "Programs", "openmm_energies.py"));

        result.Output.ShouldContain("same energies");
    }

    private async Task SameFileAsync(string file, string program, params string[] arguments)
    {
        await RunAsync(program, arguments);
        var remote = await File.ReadAllBytesAsync(Path.Combine(_folder, file));
        File.Delete(Path.Combine(_folder, file));
        var native = await ProgramRun.RunAsync(program, arguments, Variables, TimeSpan.FromMinutes(3), _folder);
        native.ExitCode.ShouldBe(0, native.ToString());
        remote.ShouldBe(await File.ReadAllBytesAsync(Path.Combine(_folder, file)));
    }

    private async Task<ProgramResult> RunAsync(string program, params string[] arguments)
    {
        var result = await fixture.RunAsync(program, arguments, folder: _folder, variables: Variables);
        result.ExitCode.ShouldBe(0, result.ToString());
        return result;
    }

    /// <summary>A home of its own: programs keep what they compiled there.</summary>
    private Dictionary<string, string> Variables => new()
    {
        ["HOME"] = _folder,
        ["XDG_CACHE_HOME"] = _folder,
        ["PYOPENCL_CTX"] = "0",
        ["PYOPENCL_NO_CACHE"] = "1",
        ["GEGL_USE_OPENCL"] = "cpu",
    };
}
