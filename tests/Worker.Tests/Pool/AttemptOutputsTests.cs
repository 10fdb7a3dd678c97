using System.Security.Cryptography;
using GpuActors.Actors.Runtime;
using GpuActors.Worker.Blobs;
using GpuActors.Worker.Jobs;

namespace GpuActors.Worker.Tests.Pool;

public sealed class AttemptOutputsTests
{
    [Fact]
    public async Task Outputs_travel_with_the_end_as_far_as_one_message_holds_and_are_uploaded_beyond()
    {
        await using var server = await BlobServer.StartAsync();
        using var http = new HttpClient();
        var folder = Directory.CreateTempSubdirectory("gaa-");
        try
        {
            var runtime = new ProductionRuntime();
            var cache = new BlobCache(folder.FullName, 1 << 20, runtime.Random);
            var blobs = new BlobTransfer(http, cache, () => "ticket", runtime) { Address = server.Address };
            JobOutputData[] outputs = [Small("a", 600), Small("b", 600), Small("c", 300)];

            var stored = await AttemptOutputs.StoreAsync(outputs, blobs, "acme", 1000, CancellationToken.None);

            stored.Select(output => output.Output.Name).ShouldBe(["a", "b", "c"]);
            stored.Select(output => output.Inline?.Length).ShouldBe([600, null, 300]);
            server.Blobs.ShouldHaveSingleItem().Value.ShouldBe(outputs[1].Inline);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static JobOutputData Small(string name, int sizeBytes)
    {
        var content = new byte[sizeBytes];
        new Random(name[0]).NextBytes(content);
        return new JobOutputData(
            name, "text/plain", Convert.ToHexStringLower(SHA256.HashData(content)), sizeBytes, content, null);
    }
}
