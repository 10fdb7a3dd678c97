using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using GpuActors.Shared.Jobs;

namespace GpuActors.Shared.Tests.Jobs;

public partial class PublishedDocumentTests
{
    public static TheoryData<string> Documents()
    {
        var data = new TheoryData<string>(TestDocuments.Full, TestDocuments.Smallest);
        var reference = File.ReadAllText(Path.Combine(TestDocuments.Root, "docs", "jobs.md"));
        foreach (Match block in JsonBlock().Matches(reference))
        {
            data.Add(block.Groups[1].Value);
        }

        foreach (var file in Directory.EnumerateFiles(
            Path.Combine(TestDocuments.Root, "samples"), "*.job.json", SearchOption.AllDirectories))
        {
            data.Add(File.ReadAllText(file));
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void What_is_shown_to_people_is_right_for_reader_and_schema(string json)
    {
        JobDocument.Parse(Encoding.UTF8.GetBytes(json)).Problems.ShouldBeEmpty();
        TestDocuments.Schema.Accepts(JsonDocument.Parse(json).RootElement).ShouldBeTrue();
    }

    [GeneratedRegex("```json\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex JsonBlock();
}
