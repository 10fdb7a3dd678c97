using System.Text.Json;
using GpuActors.Scheduler.Simulation.Commands;
using GpuActors.Scheduler.Tests.Placement;

namespace GpuActors.Scheduler.Tests.Simulation;

/// <summary>The commands as the scheduler's program runs them.</summary>
public sealed class SimulationProgramTests : IDisposable
{
    private const string Nodes = "sn,cpu_milli,memory_mib,gpu,model\na,96000,393216,8,T4\nb,96000,393216,8,T4\n";
    private const string Pods = "cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec\n10,1024,1,20,\n10,1024,1,10,T4|G2\n";

    private const string Jobs = """
        {"jobs": [
          {"job": {"id": "a", "gpu": {"memory": "4GiB"}, "programs": {"p": {"source": "kernel void k() {}"}},
            "steps": [{"launch": {"kernel": "k", "global": 1}}]},
           "perHour": 60, "duration": "5m"},
          {"job": {"id": "b", "gpu": {"whole": true, "model": "A100*"},
            "programs": {"p": {"source": "kernel void k() {}"}},
            "steps": [{"launch": {"kernel": "k", "global": 1}}]},
           "arrival": 3, "duration": "90s"}
        ]}
        """;

    private static string JobOf(string id, string fields, int arrival, int duration) => $$$"""
        {"job": {"id": "{{{id}}}", {{{fields}}} "gpu": {"compute": 10}, "programs": {"p": {"source": "kernel void k() {}"}},
          "steps": [{"launch": {"kernel": "k", "global": 1}}]}, "arrival": {{{arrival}}}, "duration": {{{duration}}}}
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("gpuactors-simulation-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Simulate_writes_lines_of_json_and_the_files_asked_for()
    {
        var (exit, output, _) = Run(
            "simulate", "--nodes", Write("nodes.csv", Nodes), "--pods", Write("pods.csv", Pods),
            "--policies", "fgd,packing", "--seeds", "2", "--json", "--html", In("r.html"), "--csv", In("r.csv"));

        exit.ShouldBe(0);
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line, default).RootElement).ToArray();
        lines.Select(line => line.GetProperty("policy").GetString()).Distinct().ShouldBe(["fgd", "packing"]);
        lines.Select(line => line.GetProperty("arrived").GetInt32()).ShouldContain(130);
        lines.ShouldAllBe(line => line.GetProperty("seeds").GetInt32() == 2);
        File.ReadAllText(In("r.html")).ShouldContain("Allocation over arrived demand");
        File.ReadAllText(In("r.csv")).ShouldStartWith("policy,arrived_percent");
    }

    [Fact]
    public void What_documents_take_of_hosts_and_where_they_must_go_counts()
    {
        const string nodes = "sn,cpu_milli,memory_mib,gpu,model,rack\na,8000,65536,8,T4,r1\nb,8000,65536,8,T4,r2\n";

        // Two of four cores fit on a at once, and beside the database nothing runs before it is there.
        WaitOf(JobOf("x", "\"host\": {\"cpu\": 4}, \"placement\": {\"must\": [{\"host\": \"rack=r1\"}]},", 0, 100), 3)
            .ShouldBe(100 / 3.0, 0.01);
        WaitOf(JobOf("x", "\"host\": {\"memory\": \"40GiB\"},", 0, 100), 3).ShouldBe(100 / 3.0, 0.01);
        WaitOf(JobOf("x", "\"labels\": {\"app\": \"web\"}, \"placement\": {\"must\": [{\"notBeside\": \"app=web\"}]},", 0, 100), 3)
            .ShouldBe(100 / 3.0, 0.01);
        WaitOf(JobOf("x", "\"placement\": {\"must\": [{\"beside\": \"job=db\"}]},", 0, 50) + ", " + JobOf("db", "", 30, 100), 1)
            .ShouldBe(15, 0.01);

        double WaitOf(string jobs, int times)
        {
            var file = Write("jobs.json", $"{{\"jobs\": [{string.Join(", ", Enumerable.Repeat(jobs, times))}]}}");
            var (exit, output, error) = Run(
                "simulate", "--nodes", Write("racks.csv", nodes), "--jobs", file, "--policies", "best-fit", "--seeds", "1",
                "--for", "1h", "--json");
            exit.ShouldBe(0, error);
            var waiting = JsonDocument.Parse(output, default).RootElement.GetProperty("waiting")[0];
            return waiting.GetProperty("wait_mean_seconds").GetDouble();
        }
    }

    [Fact]
    public void Jobs_are_admitted_queued_and_placed_by_their_documents()
    {
        var (exit, output, error) = Run(
            "simulate", "--hosts", "2xT4", "--jobs", Write("jobs.json", Jobs), "--policies", "best-fit", "--seeds", "1",
            "--for", "10h", "--json");

        exit.ShouldBe(0, error);
        error.ShouldContain("1 job(s) of jobs.json ask for what no host has");
        var waiting = JsonDocument.Parse(output, default).RootElement.GetProperty("waiting")[0];
        waiting.GetProperty("class").GetString().ShouldBe("all");
        waiting.GetProperty("tasks_mean").GetDouble().ShouldBeInRange(450, 750);
        waiting.GetProperty("wait_mean_seconds").GetDouble().ShouldBe(0);
    }

    [Fact]
    public void Size_answers_for_models_and_for_a_rack()
    {
        var jobs = Write("jobs.json", Jobs);
        var (exit, output, error) = Run(
            "size", "--workload", jobs, "--model", "T4", "L4", "--gpus-per-host", "1", "--wait", "30s", "--seeds", "2",
            "--policy", "best-fit", "--json");

        exit.ShouldBe(0, error);
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line, default).RootElement).ToArray();
        lines.Select(line => line.GetProperty("model").GetString()).ShouldBe(["T4", "L4"]);
        // Five jobs at a time on average: a T4 holds three or four of them, an L4 five or six.
        lines[0].GetProperty("hosts").GetInt32().ShouldBeInRange(2, 4);
        lines[1].GetProperty("hosts").GetInt32().ShouldBeInRange(1, lines[0].GetProperty("hosts").GetInt32());

        (exit, output, error) = Run(
            "size", "--workload", jobs, "--hosts", "2xT4", "--seeds", "2", "--policy", "best-fit", "--json");
        exit.ShouldBe(0, error);
        JsonDocument.Parse(output, default).RootElement.GetProperty("load").GetDouble().ShouldBeGreaterThan(5);
    }

    [Theory]
    [InlineData("--policies fgdd", "There is no placement policy 'fgdd'; there are")]
    [InlineData("--polices fgd", "'simulate' does not know '--polices'. Did you mean '--policies'?")]
    [InlineData("--seeds 0", "--seeds must be a whole number from 1 to")]
    [InlineData("--seeds", "--seeds needs a value")]
    [InlineData("--order sideways", "--order must be one of shuffled, file, cycled, churn, times, not 'sideways'")]
    [InlineData("--queue", "--queue does not go with --order shuffled")]
    [InlineData("--html /no/such/folder/r.html", "there is no folder /no/such/folder")]
    [InlineData("--order times", "has no time of arrival")]
    public void A_wrong_option_is_refused_with_what_would_be_right(string options, string words)
    {
        var (exit, output, error) = Run(
            ["simulate", "--nodes", Write("nodes.csv", Nodes), "--pods", Write("pods.csv", Pods),
             .. options.Contains("polic", StringComparison.Ordinal) ? [] : new[] { "--policies", "fgd" },
             .. options.Split(' ')]);

        (exit, output).ShouldBe((2, ""));
        error.ShouldStartWith("error: ");
        error.ShouldContain(words);
    }

    [Theory]
    [InlineData("cpu_milli,memory_mib,gpu\n", "nodes.csv, line 1: there is no column 'model'")]
    [InlineData("cpu_milli,memory_mib,gpu,model\n1,1,8,T4\nx,1,8,T4\n", "nodes.csv, line 3: cpu_milli is 'x', but")]
    [InlineData("cpu_milli,memory_mib,gpu,model\n1,1,0,T4\n", "nodes.csv has no host with a GPU")]
    [InlineData(null, "nodes.csv cannot be read: ")]
    public void A_wrong_file_is_refused_with_its_line_and_column(string? nodes, string words)
    {
        if (nodes is not null)
        {
            Write("nodes.csv", nodes);
        }

        var (exit, _, error) = Run(
            "simulate", "--nodes", In("nodes.csv"), "--pods", Write("pods.csv", Pods), "--policies", "fgd");

        exit.ShouldBe(2);
        error.ShouldContain(words);
    }

    [Theory]
    [InlineData("""{"jobs": 1}""", "must be an object with an array 'jobs'")]
    [InlineData("""{"jobs": [{"jub": 1}]}""", "/jobs/0/jub: is not a known field; allowed are job, arrival")]
    [InlineData("""{"jobs": [{"job": {"id": "a", "gpu": {"memory": "4Gb"}, "steps": []}}]}""", "/job/gpu/memory: ")]
    [InlineData("""{"jobs": [{""", "line 1, byte")]
    public void A_wrong_job_is_refused_with_its_place(string jobs, string words)
    {
        var (exit, _, error) = Run(
            "simulate", "--hosts", "1xT4", "--jobs", Write("jobs.json", jobs), "--policies", "fgd");

        exit.ShouldBe(2);
        error.ShouldContain(words);
    }

    [Fact]
    public void Packed_files_are_read_too()
    {
        var (exit, output, error) = Run(
            "simulate", "--nodes", Path.Combine(OpenbFiles.Folder, "nodes.csv.gz"),
            "--pods", Path.Combine(OpenbFiles.Folder, "pods_default.csv.gz"),
            "--policies", "packing", "--seeds", "1", "--order", "cycled");

        exit.ShouldBe(0, error);
        output.Split('\n')[0].ShouldStartWith("POLICY   ARRIVED %  ALLOCATED %");
        output.ShouldContain("packing        130        89.48");
    }

    private static (int Exit, string Output, string Error) Run(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var exit = SimulationProgram.Run(arguments, output, error, TimeProvider.System);
        return (exit, output.ToString(), error.ToString());
    }

    private string In(string name) => Path.Combine(_folder, name);

    private string Write(string name, string text)
    {
        File.WriteAllText(In(name), text);
        return In(name);
    }
}
