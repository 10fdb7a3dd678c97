using GpuActors.Shared.Configuration;
using Microsoft.Extensions.Configuration;

namespace GpuActors.Shared.Tests.Configuration;

public sealed class HoconConfigurationProviderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Values_of_a_file_are_found_by_keys_with_colons()
    {
        string path = _folder.Write("app.conf", "a { b.c = 1.50, l = [x, { y = z }], n = null }");

        var configuration = new ConfigurationBuilder().AddHoconFile(path).Build();

        configuration["a:b:c"].ShouldBe("1.50");
        configuration["A:L:0"].ShouldBe("x");
        configuration["a:l:1:y"].ShouldBe("z");
        configuration["a:n"].ShouldBeNull();
        configuration.GetSection("a").GetChildren().Select(c => c.Key).ShouldBe(["b", "l", "n"], ignoreOrder: true);
    }

    [Fact]
    public void Later_sources_override()
    {
        string path = _folder.Write("app.conf", "a = 1, b = 1");
        var builder = new ConfigurationBuilder()
            .AddHoconFile(path)
            .AddHocon(ConfigurationFactory.ParseString("b = 2"))
            .AddHoconFile(Path.Combine(_folder.Path, "nope.conf"), optional: true);

        var configuration = builder.Build();

        (configuration["a"], configuration["b"]).ShouldBe(("1", "2"));
    }

    [Fact]
    public void A_missing_or_broken_file_is_an_error()
    {
        string broken = _folder.Write("broken.conf", "a = $");
        var builder = new ConfigurationBuilder();

        Should.Throw<HoconException>(() => builder.AddHoconFile(broken)).Message.ShouldContain("broken.conf:1:5");
        Should.Throw<HoconException>(() => builder.AddHoconFile(broken + "x")).Message.ShouldContain("no such file");
    }
}
