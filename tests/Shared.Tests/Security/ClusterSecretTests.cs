using GpuActors.Shared.Security;

namespace GpuActors.Shared.Tests.Security;

public class ClusterSecretTests
{
    private const string Good = "correct horse battery staple";

    [Fact]
    public void Each_use_has_its_own_key_and_every_process_the_same()
    {
        var secret = ClusterSecret.FromText(Good);

        secret.DeriveKey("tickets").ShouldBe(ClusterSecret.FromText(Good + "\n").DeriveKey("tickets"));
        secret.DeriveKey("tickets").ShouldNotBe(secret.DeriveKey("remoting"));
        secret.DeriveKey("tickets").ShouldNotBe(ClusterSecret.FromText(Good + "!").DeriveKey("tickets"));
        secret.DeriveKey("tickets", 64).Length.ShouldBe(64);
        secret.DeriveText("remoting").Length.ShouldBe(64);
    }

    [Theory]
    [InlineData("", "0 bytes")]
    [InlineData("short", "5 bytes")]
    [InlineData("   short            ", "5 bytes")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaa", "repeats")]
    [InlineData("abcabcabcabcabcabcabcabcabc", "repeats")]
    public void A_secret_that_can_be_guessed_is_refused_and_not_shown(string text, string words)
    {
        var error = Should.Throw<SecretException>(() => ClusterSecret.FromText(text));

        error.Message.ShouldContain(words);
        error.Message.ShouldContain("openssl rand");
        if (text.Trim().Length > 0)
        {
            error.ToString().ShouldNotContain(text.Trim());
        }
    }

    [Fact]
    public void A_secret_does_not_print_itself()
    {
        var secret = ClusterSecret.FromText(Good);

        $"{secret}".ShouldBe("ClusterSecret(hidden)");
    }

    [Fact]
    public void A_file_holds_the_secret()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("secret", Good + "\n");

        ClusterSecret.FromFile(path).DeriveKey("x").ShouldBe(ClusterSecret.FromText(Good).DeriveKey("x"));
        Should.Throw<SecretException>(() => ClusterSecret.FromFile(path + "s")).Message.ShouldContain("cannot be read");
        folder.Write("long", new string('x', 5000) + Good);
        Should.Throw<SecretException>(() => ClusterSecret.FromFile(Path.Combine(folder.Path, "long")))
            .Message.ShouldContain("more than 4096");
    }
}
