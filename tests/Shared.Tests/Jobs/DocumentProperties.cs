using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using GpuActors.Shared.Jobs;

namespace GpuActors.Shared.Tests.Jobs;

public class DocumentProperties
{
    [Fact]
    public void Any_right_document_is_the_same_after_writing_and_reading()
    {
        ForAnySeed(seed =>
        {
            var document = new DocumentGenerator(seed).Document();

            var again = JobDocument.Parse(document.ToJson()).GetDocumentOrThrow();

            ModelText.Of(again).ShouldBe(ModelText.Of(document));
            again.ContentHash.ShouldBe(document.ContentHash);
        });
    }

    [Fact]
    public void Any_right_document_is_right_for_the_schema_too()
    {
        ForAnySeed(seed =>
        {
            var json = new DocumentGenerator(seed).Document().ToJson();

            TestDocuments.Schema.Accepts(JsonDocument.Parse(json).RootElement)
                .ShouldBeTrue(Encoding.UTF8.GetString(json));
        });
    }

    [Fact]
    public void A_spoilt_document_is_right_or_has_problems_at_places_that_exist()
    {
        ForAnySeed(seed =>
        {
            var json = new DocumentMutation(seed).ChangeValues(new DocumentGenerator(seed).Document().ToJson());
            using var parsed = JsonDocument.Parse(json);

            var result = JobDocument.Parse(json);

            result.IsValid.ShouldBe(result.Problems.Count == 0);
            foreach (var problem in result.Problems)
            {
                Exists(parsed.RootElement, problem.Path).ShouldBeTrue($"{problem} in {Encoding.UTF8.GetString(json)}");
                problem.Message.ShouldNotBeEmpty();
            }
        });
    }

    [Fact]
    public void The_schema_accepts_what_the_reader_finds_well_formed_and_nothing_else()
    {
        ForAnySeed(seed =>
        {
            var json = new DocumentMutation(seed).ChangeValues(new DocumentGenerator(seed).Document().ToJson());
            using var parsed = JsonDocument.Parse(json);

            var result = JobDocument.Parse(json);

            var isWellFormed = result.Problems.All(problem => problem.Kind == JobProblemKind.Meaning);
            TestDocuments.Schema.Accepts(parsed.RootElement).ShouldBe(
                isWellFormed, $"{string.Join("; ", result.Problems)} in {Encoding.UTF8.GetString(json)}");
        });
    }

    [Fact]
    public void Spoilt_bytes_never_throw()
    {
        ForAnySeed(seed =>
        {
            var json = new DocumentMutation(seed).ChangeBytes(new DocumentGenerator(seed).Document().ToJson());

            var result = JobDocument.Parse(json);

            result.IsValid.ShouldBe(result.Problems.Count == 0);
        });
    }

    [Fact]
    public void Random_bytes_never_throw()
    {
        Prop.ForAll(
            ArbMap.Default.ArbFor<byte[]>(),
            bytes => !JobDocument.Parse(bytes).IsValid).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(500));
    }

    private static void ForAnySeed(Action<int> check) => Prop
        .ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), check)
        .Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(500));

    private static bool Exists(JsonElement element, string pointer)
    {
        foreach (var segment in pointer.Split('/').Skip(1))
        {
            var name = segment.Replace("~1", "/", StringComparison.Ordinal)
                .Replace("~0", "~", StringComparison.Ordinal);
            if (element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var field))
            {
                element = field;
            }
            else if (element.ValueKind == JsonValueKind.Array && int.TryParse(name, out var index) &&
                index < element.GetArrayLength())
            {
                element = element[index];
            }
            else
            {
                return false;
            }
        }

        return true;
    }
}
