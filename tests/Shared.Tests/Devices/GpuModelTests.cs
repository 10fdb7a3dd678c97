using GpuActors.Shared.Configuration;
using GpuActors.Shared.Configuration.Settings;
using GpuActors.Shared.Devices;

namespace GpuActors.Shared.Tests.Devices;

public sealed class GpuModelTests
{
    [Theory]
    [InlineData("", "generic")]
    [InlineData("NVIDIA A100-SXM4-40GB", "A100-SXM4-40GB")]
    [InlineData("NVIDIA A100 80GB PCIe", "A100-SXM4-80GB")]
    [InlineData("NVIDIA H100 80GB HBM3", "H100-SXM5-80GB")]
    [InlineData("NVIDIA L4", "L4")]
    [InlineData("NVIDIA L40S", "L40S")]
    [InlineData("Tesla T4", "T4")]
    [InlineData("Tesla V100-SXM2-32GB", "V100-SXM2-32GB")]
    [InlineData("AMD Instinct MI300X", "MI300X")]
    [InlineData("pthread-haswell-AMD EPYC", "generic")]
    public void A_device_is_recognized_by_its_driver_s_name(string device, string model) =>
        GpuModels.BuiltIn.Recognize(device).Name.ShouldBe(model);

    [Fact]
    public void All_models_of_the_issue_are_there() => new[]
    {
        "A100-SXM4-40GB", "A100-SXM4-80GB", "A30", "H100-SXM5-80GB", "H100-NVL-94GB", "H200-SXM5-141GB", "B200-SXM-180GB",
        "A40", "A16", "A10", "L4", "L40S", "T4", "V100-SXM2-32GB", "P40", "MI300X", "generic",
    }.ShouldBe(GpuModels.BuiltIn.All.Select(model => model.Name), ignoreOrder: true);

    [Fact]
    public void Profiles_are_found_without_regard_to_case()
    {
        var model = GpuModels.BuiltIn.Find("a100-sxm4-40gb").ShouldNotBeNull();
        model.FindProfile("3G.20GB").ShouldNotBeNull().ShouldSatisfyAllConditions(
            profile => profile.Kind.ShouldBe(SliceKind.Mig),
            profile => profile.ComputeUnits.ShouldBe(42),
            profile => profile.MemoryBytes.ShouldBe(19968L << 20));
        model.FindProfile("A100-10C").ShouldNotBeNull().ShouldSatisfyAllConditions(
            profile => profile.Kind.ShouldBe(SliceKind.Vgpu),
            profile => profile.Max.ShouldBe(4));
        model.FindProfile("A100-7C").ShouldBeNull();
    }

    [Fact]
    public void An_operator_adds_a_model_and_replaces_one()
    {
        var models = GpuModels.BuiltIn.With(ConfigurationFactory.ParseString("""
            models = [
              { name = "X1", vendor = "ACME", drivers = ["*X1*"], memory = 24GiB, units = 10,
                vgpu { board = "X1", region = 24, types = [{ name = "8C", memory = 8GiB, max = 3, size = 8 }] } }
              { name = "T4", vendor = "NVIDIA", drivers = ["*Tesla T4*"], memory = 15GiB }
            ]
            """));
        models.Recognize("ACME X1 turbo").Vgpu!.Mixed!.Profiles.Single().Starts.ShouldBe([0, 16]);
        models.Find("T4")!.MemoryBytes.ShouldBe(15L << 30);
        models.Recognize("Tesla T4").MemoryBytes.ShouldBe(15L << 30);
        models.Recognize("something else").Name.ShouldBe("generic");
    }

    [Fact]
    public void Schedulers_and_workers_read_an_operators_models_with_regions_of_its_own()
    {
        var config = ConfigurationFactory.Load([],
        [
            "gpuactors.security.cluster-secret = \"correct horse battery staple 1\"",
            "gpuactors.regions { 12 = [{ size = 6, starts = [0, 6] }] }",
            """
            gpuactors.models = [{ name = "X2", vendor = "ACME", drivers = ["*X2*"], memory = 12GiB, units = 10
              vgpu { board = "X2", region = 12, types = [{ name = "6C", memory = 6GiB, max = 2, size = 6 }] } }]
            """,
        ], _ => null);
        foreach (var models in new[] { SchedulerSettings.From(config).Models, WorkerSettings.From(config).Models })
        {
            models.Find("X2")!.Vgpu!.Mixed!.Width.ShouldBe(12);
            models.Find("A30").ShouldNotBeNull();
        }
    }

    [Theory]
    [InlineData("gpuactors.models = [{ name = \"X\", vendr = v, drivers = [] }]", "vendr")]
    [InlineData("gpuactors.model = []", "Did you mean")]
    [InlineData("gpuactors.models = 3", "a list")]
    public void A_key_that_no_model_has_is_refused_with_its_place(string setting, string words)
    {
        var error = Should.Throw<ConfigException>(() => GpuModels.From(ConfigurationFactory.Load([], [setting], _ => null)));
        error.Message.ShouldContain(words);
        error.Message.ShouldContain("option gpuactors.model");
    }

    [Theory]
    [InlineData("size = 3, starts = [0, 2], max = 1, units = 5, memory = 1GiB", "starts", "0 to 1")]
    [InlineData("size = 1, starts = [2, 1], max = 1, units = 5, memory = 1GiB", "starts", "ascending")]
    [InlineData("size = 1, starts = [0], max = 2, units = 5, memory = 1GiB", "max", "from 1 to 1")]
    [InlineData("size = 1, starts = [0], max = 1, units = 50, memory = 1GiB", "units", "from 1 to 10")]
    [InlineData("size = 1, starts = [0], max = 1, units = 5, memory = 25GiB", "memory", "to 24GiB")]
    [InlineData("size = 1, starts = [0], max = 1, units = 5, memory = 1GiB, sms = 5", "sms", "not known")]
    public void A_profile_that_contradicts_its_model_is_refused_with_its_line(string profile, string setting, string wanted)
    {
        var error = Should.Throw<ConfigException>(() => GpuModels.BuiltIn.With(ConfigurationFactory.ParseString($$"""
            models = [{ name = "X1", vendor = "ACME", drivers = ["*X1*"], memory = 24GiB, units = 10
              mig {
                width = 4
                profiles = [
                  { id = 1, name = "p", compute = 1, copy = 0, decode = 0, jpeg = 0, ofa = 0, {{profile}} }
                ]
              }
            }]
            """, "mine.conf")));
        error.Message.ShouldContain(setting);
        error.Message.ShouldContain(wanted);
        error.Message.ShouldContain("mine.conf:5:");
    }

    [Theory]
    [InlineData("{ name = \"X\", vendor = v, drivers = [] }, { name = \"x\", vendor = v, drivers = [] }", "no other model")]
    [InlineData("{ name = \"X\", vendor = v, drivers = [], vgpu { board = b, region = 7, types = [] } }", "regions that there are")]
    [InlineData("{ name = \"X\", vendor = v, drivers = [], memory = 8GiB, vgpu { board = b, types = [{ name = \"4C\", memory = 4GiB, max = 3 }] } }", "from 1 to 2")]
    [InlineData("{ name = \"X\", vendor = v, drivers = [], vgpu { board = b, region = 24, types = [{ name = \"5C\", memory = 5GiB, max = 1, size = 5 }] } }", "a size of the region")]
    public void A_model_that_contradicts_itself_is_refused(string models, string wanted) =>
        Should.Throw<ConfigException>(() => GpuModels.BuiltIn.With(
            ConfigurationFactory.ParseString($"models = [{models}]"))).Message.ShouldContain(wanted);
}
