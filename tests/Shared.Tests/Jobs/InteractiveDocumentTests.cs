using System.Text;
using System.Text.Json;
using GpuActors.Shared.Jobs;

namespace GpuActors.Shared.Tests.Jobs;

public class InteractiveDocumentTests
{
    [Fact]
    public void A_session_has_the_usual_terms_where_it_gives_none()
    {
        var document = Parse("{}").GetDocumentOrThrow();

        document.Interactive.ShouldBe(new InteractiveTerms(TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(30)));
        document.Interactive!.Patience.ShouldBe(TimeSpan.FromSeconds(60));
        document.Steps.ShouldBeEmpty();
        document.CountSteps().ShouldBe(0);
        Encoding.UTF8.GetString(document.ToJson()).ShouldContain("\"interactive\":{}");
    }

    [Fact]
    public void Terms_are_read_and_written()
    {
        var document = Parse("""{ "lease": "2m", "idleLimit": 90 }""").GetDocumentOrThrow();

        document.Interactive.ShouldBe(new InteractiveTerms(TimeSpan.FromMinutes(2), TimeSpan.FromSeconds(90)));
        document.Interactive!.Patience.ShouldBe(TimeSpan.FromMinutes(2));
        Encoding.UTF8.GetString(document.ToJson()).ShouldContain("""{"lease":"2m","idleLimit":"90s"}""");
        document.ContentHash.ShouldNotBe(Parse("{}").GetDocumentOrThrow().ContentHash);
    }

    [Fact]
    public void A_lease_of_null_is_none_and_another_than_the_usual_one()
    {
        var document = Parse("""{ "lease": null }""").GetDocumentOrThrow();

        document.Interactive!.Lease.ShouldBeNull();
        document.Interactive.Patience.ShouldBeNull();
        JobDocument.Parse(document.ToJson()).GetDocumentOrThrow().Interactive.ShouldBe(document.Interactive);
    }

    [Theory]
    [InlineData("""{ "lease": "4s" }""", "", "/interactive/lease", "from 5s to 10m")]
    [InlineData("""{ "lease": "11m" }""", "", "/interactive/lease", "from 5s to 10m")]
    [InlineData("""{ "lease": "long" }""", "", "/interactive/lease", "must be a time")]
    [InlineData("""{ "idleLimit": "9s" }""", "", "/interactive/idleLimit", "from 10s to 168h")]
    [InlineData("""{ "idleLimit": null }""", "", "/interactive/idleLimit", "must be a time")]
    [InlineData("""{ "leases": 5 }""", "", "/interactive/leases", "allowed are lease, idleLimit")]
    [InlineData("true", "", "/interactive", "an object with 'lease'")]
    [InlineData("{}", "\"steps\": []", "/steps", "must not be there beside 'interactive'")]
    [InlineData("{}", "\"programs\": {}", "/programs", "must not be there")]
    [InlineData("{}", "\"inputs\": {}", "/inputs", "must not be there")]
    [InlineData("{}", "\"constants\": {}", "/constants", "must not be there")]
    [InlineData("{}", "\"buffers\": {}", "/buffers", "must not be there")]
    [InlineData("{}", "\"images\": {}", "/images", "must not be there")]
    [InlineData("{}", "\"outputs\": {}", "/outputs", "must not be there")]
    [InlineData("{}", "\"retries\": 1", "/retries", "must not be there")]
    public void What_a_session_can_not_have_is_refused_at_its_place(
        string terms, string extra, string path, string message)
    {
        var problem = Parse(terms, extra).Problems.ShouldHaveSingleItem();

        problem.Path.ShouldBe(path);
        problem.Message.ShouldContain(message);
    }

    [Fact]
    public void A_session_has_one_GPU()
    {
        var problem = Parse("{}", "", """{ "whole": true, "count": 2 }""").Problems.ShouldHaveSingleItem();

        problem.Path.ShouldBe("/gpu/count");
        problem.Message.ShouldContain("one session for each GPU");
    }

    [Theory]
    [InlineData("{}", "", true)]
    [InlineData("""{ "lease": null, "idleLimit": "1h" }""", "", true)]
    [InlineData("{}", "\"steps\": []", false)]
    [InlineData("{}", "\"retries\": 3", false)]
    [InlineData("[]", "", false)]
    [InlineData("""{ "other": 1 }""", "", false)]
    public void The_schema_says_the_same(string terms, string extra, bool isRight) =>
        TestDocuments.Schema.Accepts(JsonDocument.Parse(Json(terms, extra)).RootElement).ShouldBe(isRight);

    [Fact]
    public void A_document_with_neither_steps_nor_terms_lacks_its_steps()
    {
        var json = """{ "id": "j", "gpu": { "whole": true } }""";

        JobDocument.Parse(Encoding.UTF8.GetBytes(json)).Problems.ShouldHaveSingleItem().Message.ShouldContain("'steps'");
        TestDocuments.Schema.Accepts(JsonDocument.Parse(json).RootElement).ShouldBeFalse();
    }

    private static JobParseResult Parse(string terms, string extra = "", string gpu = """{ "whole": true }""") =>
        JobDocument.Parse(Encoding.UTF8.GetBytes(Json(terms, extra, gpu)));

    private static string Json(string terms, string extra, string gpu = """{ "whole": true }""") =>
        $$"""{ "id": "s", "gpu": {{gpu}}, "interactive": {{terms}}{{(extra.Length == 0 ? "" : ", " + extra)}} }""";
}
