using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace GpuActors.Shared.Tests.Jobs;

/// <summary>A document with every kind of field, and variations of it.</summary>
internal static class TestDocuments
{
    public const string Full =
        """
        {
          "$schema": "job.schema.json",
          "id": "full-1",
          "tenant": "acme",
          "comment": "uses every field",
          "gpu": { "memory": "64MiB", "compute": "25%", "count": 1, "model": "*A100*", "topology": "numa", "pool": "research" },
          "host": { "cpu": 0.5, "memory": "16GiB" },
          "placement": {
            "must": [{ "host": "rack=r1" }, { "notBeside": "app=train" }],
            "should": [{ "notHost": "disk=hdd" }, { "beside": "job=full-0" }]
          },
          "constants": { "n": 1024, "rate": 0.5, "tile": "4KiB" },
          "programs": {
            "main": {
              "source": ["kernel void scale(global float* x, float a, local float* t)", "{ }"], "options": "-D N=4"
            },
            "other": { "source": "kernel void f(global int* x) { x[0] = 1; }" }
          },
          "inputs": {
            "words": { "text": "grüße" },
            "bytes": { "base64": "AAECAwQ=" },
            "numbers": { "float": [1, -2.5, 1e-3, 0] },
            "large": { "blob": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "size": 4096 }
          },
          "buffers": {
            "x": { "size": "n * sizeof(float)" },
            "y": { "from": "numbers" },
            "z": { "size": 8192, "from": "large" }
          },
          "images": { "picture": { "channels": "r", "element": "float", "width": 8, "height": "2 + 2" } },
          "steps": [
            { "comment": "first", "fill": { "buffer": "x", "with": { "float2": [0, "rate * 2"] }, "size": 64 } },
            { "write": { "input": "bytes", "to": "x", "offset": 3, "inputOffset": 1, "size": 4 } },
            { "create": { "buffer": "t", "size": "tile" } },
            { "repeat": { "count": "n / 256", "counter": "i", "steps": [
              { "launch": {
                  "program": "main", "kernel": "scale", "global": ["n >> i"], "local": 1, "offset": [0],
                  "args": ["x", { "float": "i * rate" }, { "local": "1KiB" }] } },
              { "create": { "image": "inner", "width": "i + 1" } },
              { "copy": { "from": "x", "to": "t", "fromOffset": "i * 4", "toOffset": 0, "size": 4 } },
              { "read": { "from": "t", "output": "trace", "size": 4 } }
            ] } },
            { "release": "t" },
            { "clock": { "output": "times" } },
            { "read": { "from": "picture", "output": "result" } },
            { "read": { "from": "x", "output": "result", "offset": 0, "size": 16 } }
          ],
          "outputs": {
            "trace": { "element": "float" },
            "times": { "element": "ulong" },
            "result": { "contentType": "text/plain; charset=utf-8", "maxSize": "1MiB" }
          },
          "timeLimit": "90s",
          "retries": 0,
          "priority": -7,
          "labels": { "team": "vision", "run/seed": "7" }
        }
        """;

    public const string Smallest =
        """
        {
          "id": "s",
          "gpu": { "whole": true },
          "buffers": { "x": { "size": 4 } },
          "steps": [{ "read": { "from": "x", "output": "x" } }],
          "outputs": { "x": {} }
        }
        """;

    public static byte[] FullBytes => Encoding.UTF8.GetBytes(Full);

    /// <summary>The full document with other JSON at a place; null takes the place away.</summary>
    public static byte[] With(string path, string? json)
    {
        var document = JsonNode.Parse(Full)!;
        var segments = path.Split('/').Skip(1).ToArray();
        var parent = segments[..^1].Aggregate(document, (node, segment) =>
            node is JsonArray array ? array[int.Parse(segment)]! : node[segment]!);
        var value = json is null ? null : JsonNode.Parse(json);
        if (parent is JsonArray items)
        {
            items[int.Parse(segments[^1])] = value;
        }
        else if (json is null)
        {
            parent.AsObject().Remove(segments[^1]).ShouldBeTrue();
        }
        else
        {
            parent[segments[^1]] = value;
        }

        return JsonSerializer.SerializeToUtf8Bytes(document);
    }

    /// <summary>The schema as it is published.</summary>
    public static JsonSchemaChecker Schema { get; } =
        JsonSchemaChecker.Load(Path.Combine(Root, "docs", "job.schema.json"));

    /// <summary>The repository's folder.</summary>
    public static string Root
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(folder.FullName, "GpuActors.sln")))
            {
                folder = folder.Parent ?? throw new InvalidOperationException("No repository around the tests.");
            }

            return folder.FullName;
        }
    }
}
