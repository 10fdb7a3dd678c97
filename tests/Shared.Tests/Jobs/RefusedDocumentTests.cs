using System.Text;
using System.Text.Json;
using GpuActors.Shared.Jobs;

namespace GpuActors.Shared.Tests.Jobs;

public class RefusedDocumentTests
{
    [Theory]
    [InlineData("/id", null, "", "'id'")]
    [InlineData("/id", "\"a b\"", "/id", "A-Z")]
    [InlineData("/id", "\"..\"", "/id", "'..'")]
    [InlineData("/id", "7", "/id", "it is 7")]
    [InlineData("/stpes", "[]", "/stpes", "allowed are")]
    [InlineData("/gpu", "{}", "/gpu", "whole")]
    [InlineData("/gpu", """{ "whole": true, "compute": 5 }""", "/gpu", "one of")]
    [InlineData("/gpu/compute", "\"101%\"", "/gpu/compute", "1 to 100")]
    [InlineData("/gpu/memory", "\"64 elephants\"", "/gpu/memory", "4GiB")]
    [InlineData("/gpu/memory", "\"0%\"", "/gpu/memory", "above 0")]
    [InlineData("/gpu/memory", "\"1KiB\"", "/gpu/memory", "alone take")]
    [InlineData("/gpu/count", "0", "/gpu/count", "1 to 64")]
    [InlineData("/gpu/shares", "\"most\"", "/gpu/shares", "\"high\", \"normal\" or \"low\"")]
    [InlineData("/gpu/computeLimit", "\"0%\"", "/gpu/computeLimit", "1 to 100")]
    [InlineData("/gpu", """{ "compute": 30, "computeLimit": 29 }""", "/gpu/computeLimit", "at least what compute asks for, 30%")]
    [InlineData("/gpu", """{ "whole": true, "shares": "low" }""", "/gpu/shares", "goes with \"memory\" or \"compute\"")]
    [InlineData("/gpu", """{ "profile": "1g.5gb", "computeLimit": 50 }""", "/gpu/computeLimit", "goes with")]
    [InlineData("/gpu/driver", "\"R535\"", "/gpu/driver", "535.104")]
    [InlineData("/gpu/rdma", "false", "/gpu/rdma", "true, or be left out")]
    [InlineData("/gpu/numa", "1024", "/gpu/numa", "0 to 1023")]
    [InlineData("/gpu/model", "\"a?\"", "/gpu/model", "*")]
    [InlineData("/gpu/model", "[]", "/gpu/model", "1 to 16 patterns")]
    [InlineData("/gpu/model", """["A30", "a|b"]""", "/gpu/model/1", "*")]
    [InlineData("/gpu/topology", "\"pcie\"", "/gpu/topology", "\"nvlink\" or \"numa\"")]
    [InlineData("/host", "{}", "/host", "lacks 'cpu' or 'memory'")]
    [InlineData("/host", "{\"cpus\": 1}", "/host/cpus", "allowed are cpu, memory")]
    [InlineData("/host/cpu", "0", "/host/cpu", "0.001 to 4096")]
    [InlineData("/host/cpu", "0.0005", "/host/cpu", "steps of 0.001")]
    [InlineData("/host/cpu", "4097", "/host/cpu", "0.001 to 4096")]
    [InlineData("/host/cpu", "\"4\"", "/host/cpu", "a number of cores")]
    [InlineData("/host/memory", "\"lots\"", "/host/memory", "64MiB")]
    [InlineData("/host/memory", "0", "/host/memory", "from 1 to")]
    [InlineData("/placement", "{}", "/placement", "lacks 'must' or 'should'")]
    [InlineData("/placement/may", "[]", "/placement/may", "allowed are must, should")]
    [InlineData("/placement/must", "{}", "/placement/must", "array of terms")]
    [InlineData("/placement/must/0", "{}", "/placement/must/0", "one of 'host', 'notHost', 'beside', 'notBeside'; it has 0")]
    [InlineData("/placement/must/0/beside", "\"a=b\"", "/placement/must/0", "it has 2 of them")]
    [InlineData("/placement/must/0/on", "\"a=b\"", "/placement/must/0/on", "is not a known field")]
    [InlineData("/placement/must/0/host", "\"rack\"", "/placement/must/0/host", "KEY=VALUE")]
    [InlineData("/placement/must/0/host", "\"=r1\"", "/placement/must/0/host", "KEY=VALUE")]
    [InlineData("/placement/should/1/beside", "5", "/placement/should/1/beside", "KEY=VALUE")]
    [InlineData(
        "/placement/should",
        """[{"host":"a=1"},{"host":"a=2"},{"host":"a=3"},{"host":"a=4"},{"host":"a=5"},{"host":"a=6"},{"host":"a=7"},{"host":"a=8"}]""",
        "/placement/should", "0 to 7 terms; it has 8")]
    [InlineData("/constants/max", "1", "/constants/max", "another name")]
    [InlineData("/constants/n", "\"tile\"", "/constants/n", "without names")]
    [InlineData("/constants/n", "\"1 / 0\"", "/constants/n", "divides by zero")]
    [InlineData("/programs/main/source", null, "/programs/main", "'source'")]
    [InlineData("/inputs/words", "{}", "/inputs/words", "one of")]
    [InlineData("/inputs/words", """{ "text": "", "base64": "" }""", "/inputs/words", "2 of them")]
    [InlineData("/inputs/bytes/base64", "\"AAE\"", "/inputs/bytes/base64", "not base64")]
    [InlineData("/inputs/numbers", """{ "uchar": [1, 256] }""", "/inputs/numbers/uchar/1", "0 to 255")]
    [InlineData("/inputs/large/blob", "\"abc\"", "/inputs/large/blob", "64 characters")]
    [InlineData("/buffers/x/size", "0", "/buffers/x/size", "outside 1 to")]
    [InlineData("/buffers/x/size", "\"m * 4\"", "/buffers/x/size", "known here are n, rate, tile")]
    [InlineData("/buffers/x/size", "\"4 +\"", "/buffers/x/size", "ends where")]
    [InlineData("/buffers/x/size", "\"n * rate\"", "/buffers/x/size", "not a whole number")]
    [InlineData("/buffers/y/from", "\"numbres\"", "/buffers/y/from", "there are bytes, large, numbers, words")]
    [InlineData("/buffers/z/size", "4095", "/buffers/z", "4096")]
    [InlineData("/images/picture/from", "\"bytes\"", "/images/picture", "has 128 bytes")]
    [InlineData("/images/picture/channels", "\"rgb\"", "/images/picture/channels", "one of r, rg, rgba, bgra")]
    [InlineData("/images/x", """{ "width": 4 }""", "/images/x", "share their names")]
    [InlineData("/steps", "[]", "/steps", "1 to")]
    [InlineData("/steps/0", """{ "lunch": {} }""", "/steps/0/lunch", "launch")]
    [InlineData("/steps/0/fill/offset", "4", "/steps/0/fill", "multiples of 8")]
    [InlineData("/steps/0/fill/with", """{ "float2": [0] }""", "/steps/0/fill/with/float2", "must have 2 numbers")]
    [InlineData("/steps/1/write/size", "5", "/steps/1/write/size", "beyond input 'bytes'")]
    [InlineData("/steps/1/write/offset", "4093", "/steps/1/write/offset", "beyond buffer 'x'")]
    [InlineData("/steps/3/repeat/count", "0", "/steps/3/repeat/count", "outside 1 to")]
    [InlineData("/constants/i", "1", "/steps/3/repeat/counter", "another name")]
    [InlineData("/steps/3/repeat/steps/0/launch/program", null, "/steps/3/repeat/steps/0/launch", "main, other")]
    [InlineData(
        "/steps/3/repeat/steps/0/launch/kernel", "\"1x\"", "/steps/3/repeat/steps/0/launch/kernel", "identifier")]
    [InlineData("/steps/3/repeat/steps/0/launch/local", "[1, 1]", "/steps/3/repeat/steps/0/launch/local", "must agree")]
    [InlineData(
        "/steps/3/repeat/steps/0/launch/global", "\"3 - i\"", "/steps/3/repeat/steps/0/launch/global", "'3 - i' = 0")]
    [InlineData(
        "/steps/3/repeat/steps/0/launch/args/1", """{ "uchar": "250 + i * 2" }""",
        "/steps/3/repeat/steps/0/launch/args/1/uchar", "0 to 255")]
    [InlineData(
        "/steps/3/repeat/steps/0/launch/args/0", "\"q\"", "/steps/3/repeat/steps/0/launch/args/0", "t, x, y, z")]
    [InlineData(
        "/steps/3/repeat/steps/2/copy/fromOffset", "\"i * 1400\"", "/steps/3/repeat/steps/2/copy/size", "4200 to 4204")]
    [InlineData("/steps/3/repeat/steps/1", """{ "release": "t" }""", "/steps/3/repeat/steps/1/release", "same block")]
    [InlineData("/steps/6/read/from", "\"inner\"", "/steps/6/read/from", "no buffer or image 'inner'")]
    [InlineData("/steps/6/read/offset", "0", "/steps/6/read/offset", "left out")]
    [InlineData("/steps/5/clock/output", "\"tmies\"", "/steps/5/clock/output", "there are result, times, trace")]
    [InlineData("/outputs/more", "{}", "/outputs/more", "no step")]
    [InlineData("/outputs/result/maxSize", "143", "/outputs/result", "144")]
    [InlineData("/outputs/result/contentType", "\"text\"", "/outputs/result/contentType", "media type")]
    [InlineData("/timeLimit", "\"soon\"", "/timeLimit", "90s")]
    [InlineData("/timeLimit", "0", "/timeLimit", "1ms to 7d")]
    [InlineData("/retries", "21", "/retries", "0 to 20")]
    [InlineData("/priority", "1.5", "/priority", "whole number")]
    [InlineData("/queue", "\"a b\"", "/queue", "must be a name")]
    [InlineData("/class", "\"best\"", "/class", "\"normal\" or \"scavenger\"")]
    [InlineData("/deadline", "{}", "/deadline", "lacks 'startBy' or 'endBy'")]
    [InlineData("/deadline", "{\"endBy\": \"soon\"}", "/deadline/endBy", "2030-01-31T18:00:00Z")]
    [InlineData("/deadline", "{\"by\": 1}", "/deadline/by", "is not a known field")]
    [InlineData("/preemptible", "1", "/preemptible", "true or false")]
    [InlineData("/grace", "\"2h\"", "/grace", "from 0 to 1h")]
    [InlineData("/labels/team", "5", "/labels/team", "string")]
    [InlineData("/labels/ü", "\"\"", "/labels/ü", "label")]
    public void A_problem_is_reported_at_its_place_with_what_is_allowed(
        string change, string? json, string path, string message)
    {
        var result = JobDocument.Parse(TestDocuments.With(change, json));

        var problem = result.Problems.ShouldHaveSingleItem();
        problem.Path.ShouldBe(path);
        problem.Message.ShouldContain(message);
        result.Document.ShouldBeNull();
    }

    [Theory]
    [InlineData("", "line 1")]
    [InlineData("{ \"id\": ", "line 1")]
    [InlineData("{\n\n  \"id\" 5 }", "line 3, byte 8")]
    [InlineData("[]", "object")]
    [InlineData("null", "object")]
    public void What_is_no_document_at_all_is_said_to_be_none(string text, string message)
    {
        var problem = JobDocument.Parse(Encoding.UTF8.GetBytes(text)).Problems.ShouldHaveSingleItem();

        problem.Path.ShouldBe("");
        problem.Message.ShouldContain(message);
    }

    [Fact]
    public void Bytes_that_are_not_UTF8_are_refused()
    {
        JobDocument.Parse([(byte)'{', 0xFF, (byte)'}']).Problems.ShouldHaveSingleItem().Message.ShouldContain("UTF-8");
    }

    [Fact]
    public void Half_a_surrogate_pair_is_refused_wherever_it_stands()
    {
        const string Half = @"\ud800";
        var json = $$"""
            { "id": "{{Half}}", "{{Half}}": 1, "comment": "{{Half}}",
              "gpu": { "memory": "{{Half}}", "compute": "{{Half}}" },
              "steps": [{ "{{Half}}": 1, "release": "{{Half}}" }], "timeLimit": "{{Half}}",
              "outputs": { "o": { "maxSize": "{{Half}}", "element": "{{Half}}" } } }
            """;

        var paths = JobDocument.Parse(Encoding.UTF8.GetBytes(json)).Problems.Select(p => p.Path);

        paths.ShouldBe(
            ["", "/id", "/comment", "/gpu/memory", "/gpu/compute", "/steps/0", "/steps/0/release", "/timeLimit",
                "/outputs/o/maxSize", "/outputs/o/element"],
            ignoreOrder: true);
    }

    [Fact]
    public void A_field_that_stands_twice_is_refused()
    {
        const string Json = """{ "id": "a", "gpu": { "whole": true, "whole": true }, "steps": [{ "release": "x" }] }""";

        JobDocument.Parse(Encoding.UTF8.GetBytes(Json)).Problems.ShouldContain(
            p => p.Path == "/gpu/whole" && p.Message.Contains("twice", StringComparison.Ordinal));
    }

    [Fact]
    public void Problems_of_shape_and_of_meaning_are_reported_together()
    {
        var json = TestDocuments.Full
            .Replace("\"90s\"", "\"soon\"", StringComparison.Ordinal)
            .Replace("\"from\": \"picture\"", "\"from\": \"pictrue\"", StringComparison.Ordinal)
            .Replace("\"-D N=4\"", "5", StringComparison.Ordinal);

        var paths = JobDocument.Parse(Encoding.UTF8.GetBytes(json)).Problems.Select(problem => problem.Path);

        paths.ShouldBe(["/programs/main/options", "/timeLimit", "/steps/6/read/from"], ignoreOrder: true);
    }

    [Fact]
    public void No_more_than_fifty_problems_are_reported_at_once()
    {
        var steps = string.Join(',', Enumerable.Repeat("1", 60));
        var json = $$"""{ "id": "a", "gpu": { "whole": true }, "steps": [{{steps}}] }""";

        var result = JobDocument.Parse(Encoding.UTF8.GetBytes(json));

        result.Problems.Count.ShouldBe(50);
        result.HasMoreProblems.ShouldBeTrue();
    }

    [Fact]
    public void Repeats_that_would_run_for_ever_are_refused()
    {
        var steps = """[{ "read": { "from": "x", "output": "trace" } }]""";
        for (var depth = 0; depth < 8; depth++)
        {
            steps = $$"""[{ "repeat": { "count": 1000000000, "steps": {{steps}} } }]""";
        }

        var problems = JobDocument.Parse(TestDocuments.With("/steps", steps)).Problems;

        problems.ShouldContain(p => p.Path == "/steps" && p.Message.Contains("1000000000", StringComparison.Ordinal));
    }

    [Fact]
    public void Nine_repeats_in_each_other_are_refused()
    {
        var steps = """[{ "release": "x" }]""";
        for (var depth = 0; depth < 9; depth++)
        {
            steps = $$"""[{ "repeat": { "count": 1, "steps": {{steps}} } }]""";
        }

        var problem = JobDocument.Parse(TestDocuments.With("/steps", steps)).Problems.ShouldHaveSingleItem();

        problem.Message.ShouldContain("8 in each other");
    }

    [Fact]
    public void A_document_beyond_four_mebibytes_is_refused()
    {
        var json = TestDocuments.With("/comment", JsonSerializer.Serialize(new string('x', JobLimits.DocumentBytes)));

        JobDocument.Parse(json).Problems.ShouldHaveSingleItem().Message.ShouldContain("4194304");
        JobDocument.Parse(JsonDocument.Parse(json).RootElement).Problems.ShouldHaveSingleItem()
            .Message.ShouldContain("4194304");
    }
}
