using System.Text;
using System.Text.Json;
using GpuActors.Shared.Jobs;
using GpuActors.Shared.Jobs.Expressions;

namespace GpuActors.Shared.Tests.Jobs;

public class JobDocumentTests
{
    [Fact]
    public void A_document_with_every_kind_of_field_is_read()
    {
        var document = JobDocument.Parse(TestDocuments.FullBytes).GetDocumentOrThrow();

        document.Id.ShouldBe("full-1");
        document.Tenant.ShouldBe("acme");
        document.Gpu.ShouldBe(new GpuRequest
        {
            MemoryBytes = 64 << 20, ComputePercent = 25, Model = "*A100*", Pool = "research",
            Topology = GpuTopology.Numa,
        });
        document.Host.ShouldBe(new HostRequest(500, 16L << 30));
        document.Placement.Must.ShouldBe(
        [
            new JobPlacementTerm(PlacementTermKind.Host, "rack=r1"),
            new JobPlacementTerm(PlacementTermKind.NotBeside, "app=train"),
        ]);
        document.Placement.Should.ShouldBe(
        [
            new JobPlacementTerm(PlacementTermKind.NotHost, "disk=hdd"),
            new JobPlacementTerm(PlacementTermKind.Beside, "job=full-0"),
        ]);
        document.Programs["main"].Source.ShouldBe(
            "kernel void scale(global float* x, float a, local float* t)\n{ }");
        document.TimeLimit.ShouldBe(TimeSpan.FromSeconds(90));
        document.Retries.ShouldBe(0);
        document.Priority.ShouldBe(-7);
        document.Labels["run/seed"].ShouldBe("7");
        document.Outputs["result"].MaxSizeBytes.ShouldBe(1 << 20);
        document.BlobHashes.ShouldHaveSingleItem().ShouldStartWith("e3b0c442");
        document.CountSteps().ShouldBe(7 + (4 * 4));
    }

    [Fact]
    public void Inline_inputs_become_the_bytes_that_they_stand_for()
    {
        var inputs = JobDocument.Parse(TestDocuments.FullBytes).GetDocumentOrThrow().Inputs;

        Bytes("words").ShouldBe(Encoding.UTF8.GetBytes("grüße"));
        Bytes("bytes").ShouldBe([0, 1, 2, 3, 4]);
        Bytes("numbers").ShouldBe(new[] { 1f, -2.5f, 1e-3f, 0f }.SelectMany(BitConverter.GetBytes).ToArray());

        byte[] Bytes(string name) => ((InlineInput)inputs[name]).Data.ToArray();
    }

    [Fact]
    public void A_document_may_leave_out_everything_but_id_gpu_and_steps()
    {
        var document = JobDocument.Parse(Encoding.UTF8.GetBytes(TestDocuments.Smallest)).GetDocumentOrThrow();

        document.Gpu.Whole.ShouldBeTrue();
        document.Gpu.Count.ShouldBe(1);
        document.TimeLimit.ShouldBeNull();
        document.Retries.ShouldBe(3);
        document.Priority.ShouldBe(0);
        document.Host.ShouldBe(HostRequest.None);
        document.Placement.IsAnywhere.ShouldBeTrue();
    }

    [Fact]
    public void Of_several_patterns_for_the_model_one_must_fit()
    {
        var gpu = JobDocument.Parse(TestDocuments.With("/gpu/model", """["H100*", "a30"]""")).GetDocumentOrThrow().Gpu;

        gpu.MatchesModel("A30").ShouldBeTrue();
        gpu.MatchesModel("H100-SXM5-80GB").ShouldBeTrue();
        gpu.MatchesModel("A100-SXM4-40GB").ShouldBeFalse();
        gpu.ModelWords().ShouldBe("'H100*' or 'a30'");
        new GpuRequest().MatchesModel("whatever").ShouldBeTrue();
    }

    [Fact]
    public void A_document_is_the_same_after_writing_and_reading()
    {
        var document = JobDocument.Parse(TestDocuments.FullBytes).GetDocumentOrThrow();

        var again = JobDocument.Parse(document.ToJson(indented: true)).GetDocumentOrThrow();

        again.ToJson().ShouldBe(document.ToJson());
        again.ContentHash.ShouldBe(document.ContentHash);
        TestDocuments.Schema.Accepts(JsonDocument.Parse(document.ToJson()).RootElement).ShouldBeTrue();
    }

    [Fact]
    public void A_document_can_be_read_from_an_element_of_a_larger_document()
    {
        using var message = JsonDocument.Parse($$"""{ "body": {{TestDocuments.Full}} }""");

        var document = JobDocument.Parse(message.RootElement.GetProperty("body")).GetDocumentOrThrow();

        document.ToJson().ShouldBe(JobDocument.Parse(TestDocuments.FullBytes).GetDocumentOrThrow().ToJson());
    }

    [Theory]
    [InlineData("/retries", "3", null)]
    [InlineData("/gpu/count", "1", null)]
    [InlineData("/timeLimit", "90", "\"1.5m\"")]
    [InlineData("/gpu/memory", "67108864", "\"65536KiB\"")]
    [InlineData("/gpu/model", "\"*A100*\"", "[\"*A100*\"]")]
    [InlineData("/gpu/model", "[\"A\", \"B\"]", "[\"B\", \"A\", \"B\"]")]
    [InlineData("/gpu/model", "[\"A\", \"*\"]", null)]
    [InlineData("/host/cpu", "0.5", "5e-1")]
    [InlineData("/host/memory", "\"16GiB\"", "17179869184")]
    [InlineData("/placement/must", "[]", null)]
    [InlineData(
        "/placement/should", """[{"host":"a=1"},{"beside":"b=2"}]""", """[{"beside":"b=2"},{"host":"a=1"},{"host":"a=1"}]""")]
    [InlineData("/steps/0/fill/size", "\"(64)\"", "64")]
    [InlineData("/steps/3/repeat/count", "\"n/256\"", "\" n / 256 \"")]
    public void Ways_to_write_the_same_have_the_same_hash(string path, string? first, string? second)
    {
        Hash(TestDocuments.With(path, first)).ShouldBe(Hash(TestDocuments.With(path, second)));
    }

    [Theory]
    [InlineData("/priority", "1")]
    [InlineData("/queue", "\"research\"")]
    [InlineData("/class", "\"scavenger\"")]
    [InlineData("/deadline", "{\"endBy\": \"2h\"}")]
    [InlineData("/preemptible", "false")]
    [InlineData("/grace", "0")]
    [InlineData("/constants/rate", "0.25")]
    [InlineData("/programs/other/source", "\"kernel void g(global int* x) { }\"")]
    [InlineData("/inputs/words/text", "\"gruss\"")]
    [InlineData("/steps/0/fill/with/float2", "[0, 1]")]
    [InlineData("/labels/team", "\"audio\"")]
    public void Any_other_content_has_another_hash(string path, string json)
    {
        Hash(TestDocuments.With(path, json)).ShouldNotBe(Hash(TestDocuments.FullBytes));
    }

    [Fact]
    public void Id_and_tenant_are_not_part_of_the_content()
    {
        Hash(TestDocuments.With("/id", "\"other\"")).ShouldBe(Hash(TestDocuments.FullBytes));
        Hash(TestDocuments.With("/tenant", null)).ShouldBe(Hash(TestDocuments.FullBytes));
    }

    [Fact]
    public void A_document_put_together_in_code_is_checked_like_any_other()
    {
        var document = new JobDocument
        {
            Id = "in code",
            Gpu = new GpuRequest { Whole = true },
            Steps = [new ReadStep("x", "y")],
        };

        var paths = document.Check().Problems.Select(problem => problem.Path);

        paths.ShouldBe(["/id", "/steps/0/read/from", "/steps/0/read/output"], ignoreOrder: true);
    }

    [Theory]
    [InlineData("*", true)]
    [InlineData("*A100*", true)]
    [InlineData("nvidia a100*", true)]
    [InlineData("A100", false)]
    [InlineData("*H100*", false)]
    public void A_model_pattern_fits_names_regardless_of_case(string pattern, bool fits)
    {
        new GpuRequest { Model = pattern }.MatchesModel("NVIDIA A100-SXM4-80GB").ShouldBe(fits);
    }

    [Theory]
    [InlineData("""{ "whole": true }""", 1000, 100)]
    [InlineData("""{ "memory": 250 }""", 250, 25)]
    [InlineData("""{ "memory": "12.5%" }""", 125, 13)]
    [InlineData("""{ "compute": 40 }""", 400, 40)]
    [InlineData("""{ "memory": 5, "compute": "70%" }""", 5, 70)]
    public void What_a_request_leaves_open_is_the_same_share_of_the_device(string gpu, long bytes, int percent)
    {
        var json = TestDocuments.Smallest.Replace("""{ "whole": true }""", gpu, StringComparison.Ordinal);

        var request = JobDocument.Parse(Encoding.UTF8.GetBytes(json)).GetDocumentOrThrow().Gpu;

        request.ShareOf(1000).ShouldBe(new GpuShare(bytes, percent));
    }

    [Fact]
    public void Expressions_in_code_are_numbers_or_text()
    {
        ((Expression)5).Text.ShouldBe("5");
        ((Expression)(-0.5)).Text.ShouldBe("-0.5");
        ((Expression)"i*(2+n)").Text.ShouldBe("i * (2 + n)");
    }

    private static string Hash(byte[] json) => JobDocument.Parse(json).GetDocumentOrThrow().ContentHash;
}
