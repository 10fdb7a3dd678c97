using GpuActors.Shared.Jobs;
using GpuActors.Shared.Jobs.Expressions;

namespace GpuActors.Worker.Tests.Jobs;

/// <summary>Outputs of real kernels on a real device, compared with what plain code makes of the same input.</summary>
public class KernelTests(JobExecutor executor) : IClassFixture<JobExecutor>
{
    private readonly Random _random = new(20);

    [Fact]
    public async Task A_map_gives_each_element_its_image()
    {
        const string Source = """
            kernel void map(global const int* x, global int* y) {
              int i = get_global_id(0);
              y[i] = x[i] * x[i] - 3 * x[i];
            }
            """;
        var x = Integers(10_000, -1000, 1000);
        var job = new TestJob(Source).With<int>("x", x).Buffer("y", x.Length * 4L)
            .Launch("map", [x.Length], "x", "y").Read("y");

        var outcome = await executor.RunAsync(job.Build());

        outcome.Numbers<int>("y").ShouldBe(x.Select(v => (v * v) - (3 * v)).ToArray());
    }

    [Fact]
    public async Task A_reduction_in_two_passes_gives_the_sum()
    {
        const string Source = """
            kernel void sum(global const int* x, global int* sums, local int* part) {
              int i = get_local_id(0);
              part[i] = x[get_global_id(0)];
              for (int step = get_local_size(0) / 2; step > 0; step /= 2) {
                barrier(CLK_LOCAL_MEM_FENCE);
                if (i < step) part[i] += part[i + step];
              }
              if (i == 0) sums[get_group_id(0)] = part[0];
            }
            """;
        var x = Integers(64 * 64, -100_000, 100_000);
        var job = new TestJob(Source).With<int>("x", x).Buffer("sums", 64 * 4).Buffer("total", 4)
            .LaunchGroups("sum", [x.Length], [64], "x", "sums", JobArgument.Local("64 * sizeof(int)"))
            .LaunchGroups("sum", [64], [64], "sums", "total", JobArgument.Local("64 * sizeof(int)"))
            .Read("total");

        var outcome = await executor.RunAsync(job.Build());

        outcome.Numbers<int>("total").ShouldBe([x.Sum()]);
    }

    [Fact]
    public async Task A_scan_by_doubling_gives_all_prefix_sums()
    {
        const string Source = """
            kernel void add(global const long* a, global long* b, int distance) {
              int i = get_global_id(0);
              b[i] = a[i] + (i >= distance ? a[i - distance] : 0);
            }
            """;
        var x = Integers(1 << 10, -1000, 1000).Select(v => (long)v).ToArray();
        var round = new RepeatStep(10, [
            TestJob.Launched("add", [x.Length], null, "a", "b", JobArgument.Int("1 << i")),
            new CopyStep("b", "a"),
        ]) { Counter = "i" };
        var job = new TestJob(Source).With<long>("a", x).Buffer("b", x.Length * 8L).Step(round).Read("a");

        var outcome = await executor.RunAsync(job.Build());

        var sum = 0L;
        outcome.Numbers<long>("a").ShouldBe(x.Select(v => sum += v).ToArray());
    }

    [Fact]
    public async Task A_transpose_through_local_tiles_swaps_rows_and_columns()
    {
        const string Source = """
            kernel void transpose(global const int* a, global int* b, int width, int height, local int* tile) {
              int x = get_global_id(0), y = get_global_id(1), lx = get_local_id(0), ly = get_local_id(1);
              tile[ly * 8 + lx] = a[y * width + x];
              barrier(CLK_LOCAL_MEM_FENCE);
              int tx = get_group_id(1) * 8 + lx, ty = get_group_id(0) * 8 + ly;
              b[ty * height + tx] = tile[lx * 8 + ly];
            }
            """;
        const int Width = 40;
        const int Height = 24;
        var a = Integers(Width * Height, 0, int.MaxValue);
        var job = new TestJob(Source).With<int>("a", a).Buffer("b", a.Length * 4L)
            .LaunchGroups(
                "transpose", [Width, Height], [8, 8], "a", "b", JobArgument.Int(Width), JobArgument.Int(Height),
                JobArgument.Local("64 * sizeof(int)"))
            .Read("b");

        var outcome = await executor.RunAsync(job.Build());

        outcome.Numbers<int>("b").ShouldBe(
            Enumerable.Range(0, a.Length).Select(i => a[((i % Height) * Width) + (i / Height)]).ToArray());
    }

    [Fact]
    public async Task A_matrix_product_is_that_of_plain_code()
    {
        const string Source = """
            kernel void multiply(global const float* a, global const float* b, global float* c, int n) {
              int column = get_global_id(0), row = get_global_id(1);
              float sum = 0;
              for (int k = 0; k < n; k++) sum += a[row * n + k] * b[k * n + column];
              c[row * n + column] = sum;
            }
            """;
        const int N = 48;
        var a = Reals(N * N);
        var b = Reals(N * N);
        var job = new TestJob(Source).With<float>("a", a).With<float>("b", b).Buffer("c", N * N * 4L)
            .Launch("multiply", [N, N], "a", "b", "c", JobArgument.Int(N)).Read("c");

        var outcome = await executor.RunAsync(job.Build());

        var c = outcome.Numbers<float>("c");
        for (var i = 0; i < c.Length; i++)
        {
            var expected = Enumerable.Range(0, N).Sum(k => (double)a[(i / N * N) + k] * b[(k * N) + (i % N)]);
            ((double)c[i]).ShouldBe(expected, 1e-4);
        }
    }

    [Fact]
    public async Task A_histogram_with_atomics_counts_every_element()
    {
        const string Source =
            "kernel void count(global const uchar* x, global int* bins) { atomic_inc(&bins[x[get_global_id(0)]]); }";
        var x = new byte[100_000];
        _random.NextBytes(x);
        var job = new TestJob(Source).With<byte>("x", x).Buffer("bins", 256 * 4)
            .Launch("count", [x.Length], "x", "bins").Read("bins");

        var outcome = await executor.RunAsync(job.Build());

        outcome.Numbers<int>("bins").ShouldBe(Enumerable.Range(0, 256).Select(v => x.Count(b => b == v)).ToArray());
    }

    [Fact]
    public async Task A_stencil_over_many_rounds_is_that_of_plain_code()
    {
        const string Source = """
            kernel void smooth(global const int* a, global int* b, int n) {
              int i = get_global_id(0);
              b[i] = (a[max(i - 1, 0)] + 2 * a[i] + a[min(i + 1, n - 1)]) / 4;
            }
            """;
        var a = Integers(500, 0, 1_000_000);
        JobStep Smooth(string from, string to) =>
            TestJob.Launched("smooth", [a.Length], null, from, to, JobArgument.Int(a.Length));
        var job = new TestJob(Source).With<int>("a", a).Buffer("b", a.Length * 4L)
            .Step(new RepeatStep(25, [Smooth("a", "b"), Smooth("b", "a")])).Read("a");

        var outcome = await executor.RunAsync(job.Build());

        var expected = a;
        for (var round = 0; round < 50; round++)
        {
            var before = expected;
            expected = [.. before.Select((v, i) =>
                (before[Math.Max(i - 1, 0)] + (2 * v) + before[Math.Min(i + 1, before.Length - 1)]) / 4)];
        }

        outcome.Numbers<int>("a").ShouldBe(expected);
    }

    [Fact]
    public async Task Barriers_hold_a_group_together_while_it_sorts_in_local_memory()
    {
        const string Source = """
            kernel void sort(global int* x, local int* v) {
              int i = get_local_id(0), n = get_local_size(0);
              v[i] = x[get_global_id(0)];
              barrier(CLK_LOCAL_MEM_FENCE);
              for (int size = 2; size <= n; size *= 2)
                for (int step = size / 2; step > 0; step /= 2) {
                  int other = i ^ step;
                  if (other > i && ((i & size) == 0) == (v[i] > v[other])) {
                    int t = v[i]; v[i] = v[other]; v[other] = t;
                  }
                  barrier(CLK_LOCAL_MEM_FENCE);
                }
              x[get_global_id(0)] = v[i];
            }
            """;
        var x = Integers(64 * 10, -1000, 1000);
        var job = new TestJob(Source).With<int>("x", x)
            .LaunchGroups("sort", [x.Length], [64], "x", JobArgument.Local(64 * 4)).Read("x");

        var outcome = await executor.RunAsync(job.Build());

        outcome.Numbers<int>("x").ShouldBe(x.Chunk(64).SelectMany(group => group.Order()).ToArray());
    }

    [Fact]
    public async Task Doubles_keep_their_precision()
    {
        const string Source = """
            kernel void root(global const double* x, global double* y, double rounds) {
              int i = get_global_id(0);
              double r = x[i];
              for (int k = 0; k < (int)rounds; k++) r = 0.5 * (r + x[i] / r);
              y[i] = r;
            }
            """;
        var x = Enumerable.Range(0, 1000).Select(_ => (_random.NextDouble() * 100) + 1).ToArray();
        var job = new TestJob(Source).With<double>("x", x).Buffer("y", x.Length * 8L)
            .Launch("root", [x.Length], "x", "y", JobArgument.Of(ScalarType.Double, 20.0)).Read("y");

        var outcome = await executor.RunAsync(job.Build());

        var y = outcome.Numbers<double>("y");
        executor.Device.HasDoubles.ShouldBeTrue();
        for (var i = 0; i < x.Length; i++)
        {
            y[i].ShouldBe(Math.Sqrt(x[i]), 1e-14 * y[i]);
        }
    }

    [Fact]
    public async Task Images_are_read_through_a_sampler_and_written()
    {
        const string Source = """
            constant sampler_t nearest = CLK_NORMALIZED_COORDS_FALSE | CLK_ADDRESS_CLAMP_TO_EDGE | CLK_FILTER_NEAREST;
            kernel void mirror(read_only image2d_t from, write_only image2d_t to, int width) {
              int2 at = (int2)(get_global_id(0), get_global_id(1));
              write_imageui(to, at, read_imageui(from, nearest, (int2)(width - at.x, at.y)));
            }
            """;
        const int Width = 37;
        const int Height = 21;
        var pixels = new byte[Width * Height * 4];
        _random.NextBytes(pixels);
        var image = new JobImage { Element = ImageElement.Uint8, Width = Width, Height = Height };
        var job = new TestJob(Source).Input("pixels", InlineInput.FromBytes(pixels))
            .Image("from", image with { From = "pixels" }).Image("to", image)
            .Launch("mirror", [Width, Height], "from", "to", JobArgument.Int(Width)).Read("to");

        var outcome = await executor.RunAsync(job.Build());

        var source = pixels.Chunk(4).ToArray();
        outcome.Numbers<byte>("to").ShouldBe(Enumerable.Range(0, Width * Height)
            .SelectMany(i => source[(i / Width * Width) + Math.Min(Width - (i % Width), Width - 1)]).ToArray());
    }

    [Fact]
    public async Task Arguments_of_every_kind_arrive_as_they_were_written()
    {
        const string Source = """
            kernel void keep(global double* y, char a, uchar b, short c, ushort d, int e, uint f, long g, ulong h,
                float i, double j, int2 k, float3 l, uchar4 m, long8 n, double16 o) {
              y[0] = a; y[1] = b; y[2] = c; y[3] = d; y[4] = e; y[5] = f; y[6] = g; y[7] = h; y[8] = i; y[9] = j;
              y[10] = k.y; y[11] = l.z; y[12] = m.w; y[13] = n.s7; y[14] = o.sf; y[15] = get_global_id(0);
            }
            """;
        JobArgument[] scalars =
        [
            .. Enum.GetValues<ScalarType>().Where(type => type != ScalarType.Half)
                .Select((type, i) => JobArgument.Of(type, type.ToString()[0] == 'U' ? i + 1 : -i - 1)),
        ];
        var launch = TestJob.Launched("keep", [1], null, [
            "y", .. scalars, Vector(ScalarType.Int, 2), Vector(ScalarType.Float, 3), Vector(ScalarType.UChar, 4),
            Vector(ScalarType.Long, 8), Vector(ScalarType.Double, 16),
        ]) with { Offset = [77] };
        var job = new TestJob(Source).Buffer("y", 16 * 8).Step(launch).Read("y");

        var outcome = await executor.RunAsync(job.Build());

        outcome.Numbers<double>("y").ShouldBe([-1, 2, -3, 4, -5, 6, -7, 8, -9, -10, 2, 3, 4, 8, 16, 77]);
    }

    [Fact]
    public async Task Steps_in_repeats_work_on_the_parts_that_their_counters_say()
    {
        const string Source = "kernel void put(global int* x, int v) { x[get_global_id(0)] = v; }";
        var inner = new RepeatStep(3, [
            new CreateStep("t", new JobBuffer { Size = "(j + 1) * 4" }),
            TestJob.Launched("put", ["j + 1"], null, "t", JobArgument.Int("10 * i + j")),
            new CopyStep("t", "x") { ToOffset = "(i * 3 + j) * 4", FromOffset = "j * 4" },
            new ReadStep("x", "trace") { Offset = "(i * 3 + j) * 4", Size = 4 },
        ]) { Counter = "j" };
        var job = new TestJob(Source).Buffer("x", 8 * 4).Output("trace", new JobOutput())
            .Step(new FillStep("x", JobValue.Of(ScalarType.Int, -1)), new RepeatStep(2, [inner]) { Counter = "i" })
            .Read("x");

        var outcome = await executor.RunAsync(job.Build());

        outcome.Numbers<int>("x").ShouldBe([0, 1, 2, 10, 11, 12, -1, -1]);
        outcome.Numbers<int>("trace").ShouldBe([0, 1, 2, 10, 11, 12]);
    }

    private static ValueArgument Vector(ScalarType type, int width) =>
        new(new JobValue(new OpenClType(type, width), [.. Enumerable.Range(1, width).Select(i => (Expression)i)]));

    private int[] Integers(int count, int minimum, int maximum) =>
        [.. Enumerable.Range(0, count).Select(_ => _random.Next(minimum, maximum))];

    private float[] Reals(int count) => [.. Enumerable.Range(0, count).Select(_ => _random.NextSingle() - 0.5f)];
}
