using GpuActors.Shared.Api;

namespace GpuActors.Shared.Tests.Api;

public sealed class LeaseVariablesTests
{
    [Fact]
    public void Variables_are_named_as_options_and_lists_have_commas()
    {
        OptionsOf(
            "FRACTION=0.5", "MODEL=A100*, H100*", "FILTER=rack=r1,disk=ssd", "COUNT=2", "POOL=p", "PRIORITY=-5", "QUEUE=q",
            "TIME_LIMIT=2h", "IDLE_LIMIT=5m", "WAIT=10m").ShouldBe(
        [
            "--fraction=0.5", "--model=A100*", "--model=H100*", "--filter=rack=r1", "--filter=disk=ssd", "--count=2",
            "--pool=p", "--priority=-5", "--queue=q", "--time-limit=2h", "--idle-limit=5m", "--wait=10m",
        ]);
    }

    [Theory]
    [InlineData("MEMORY=4GiB", "--memory=4GiB")]
    [InlineData("PROFILE=3g.20gb", "--profile=3g.20gb")]
    [InlineData("WHOLE=1", "--whole")]
    [InlineData("WHOLE=yes", "--whole")]
    public void Each_of_those_that_say_how_much_asks_for_a_GPU(string variable, string option) =>
        OptionsOf(variable).ShouldBe([option]);

    [Theory]
    [InlineData("POOL=p")]
    [InlineData("COUNT=2")]
    [InlineData("WHOLE=0")]
    [InlineData("WHOLE=False")]
    [InlineData("FRACTION= ")]
    public void Without_them_nothing_is_asked_for(string variable) => OptionsOf(variable).ShouldBeNull();

    [Fact]
    public void A_value_is_never_an_option_of_its_own() =>
        OptionsOf("WHOLE=1", "MODEL=--json").ShouldBe(["--whole", "--model=--json"]);

    private static IReadOnlyList<string>? OptionsOf(params string[] variables)
    {
        var values = variables.Select(text => text.Split('=', 2)).ToDictionary(pair => "GPUACTORS_" + pair[0], pair => pair[1]);
        return LeaseVariables.OptionsOf(values.GetValueOrDefault);
    }
}
