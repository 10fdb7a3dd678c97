using System.Globalization;

namespace GpuActors.Client.Http;

/// <summary>A request that can be sent any number of times.</summary>
internal sealed record ApiRequest(HttpMethod Method, string Path)
{
    /// <summary>Makes the body anew for each attempt; null for none.</summary>
    public Func<HttpContent>? Content { get; init; }

    /// <summary>Query parameters; those that are null are left out.</summary>
    public IReadOnlyList<(string Name, string? Value)> Query { get; init; } = [];

    /// <summary>Headers of this request.</summary>
    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    /// <summary>Time that the answer may take beyond the ordinary.</summary>
    public TimeSpan ExtraTime { get; init; }

    /// <summary>A route of <see cref="Shared.Api.ApiRoutes"/> with its placeholders filled in.</summary>
    public static string Fill(string route, params ReadOnlySpan<(string Name, string Value)> values)
    {
        foreach (var (name, value) in values)
        {
            route = route.Replace($"{{{name}}}", Uri.EscapeDataString(value), StringComparison.Ordinal);
        }

        return route;
    }

    public HttpRequestMessage ToMessage(Uri server, string ticket, string? tenant)
    {
        var query = Query.Append(("tenant", tenant)).Where(p => p.Item2 is not null)
            .Select(p => $"{p.Item1}={Uri.EscapeDataString(p.Item2!)}");
        string text = string.Join('&', query);
        var address = new UriBuilder(server) { Path = server.AbsolutePath.TrimEnd('/') + Path, Query = text };
        var message = new HttpRequestMessage(Method, address.Uri) { Content = Content?.Invoke() };
        message.Headers.TryAddWithoutValidation("Authorization", "Bearer " + ticket);
        foreach (var (name, value) in Headers)
        {
            message.Headers.TryAddWithoutValidation(name, value);
        }

        return message;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Method} {Path}");
}
