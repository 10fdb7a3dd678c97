using GpuActors.Shared.Jobs.Expressions;

namespace GpuActors.Shared.Tests.Jobs;

public class ExpressionTests
{
    private static readonly ExpressionScope Scope = ExpressionScope.Of(new Dictionary<string, Expression>
    {
        ["n"] = 1000,
        ["rate"] = 0.5,
    }).Enter("i").Enter(null).Enter("k");

    [Theory]
    [InlineData("1 + 2 * 3", 7)]
    [InlineData("(1 + 2) * 3", 9)]
    [InlineData("10 - 3 - 2", 5)]
    [InlineData("10 - (3 - 2)", 9)]
    [InlineData("-7 / 2", -3)]
    [InlineData("-7 % 4", -3)]
    [InlineData("1 << i + 1", 16)]
    [InlineData("n >> 3", 125)]
    [InlineData("min(n, k) + max(i, k)", 10)]
    [InlineData("4KiB + 1.5kB + 2B", 5598)]
    [InlineData("n * sizeof(float3)", 16000)]
    [InlineData("0xFF", 255)]
    [InlineData("--3", 3)]
    [InlineData("rate * 4", null)]
    [InlineData("2.0 * 3", 6)]
    [InlineData("18446744073709551615 - 18446744073709551614", 1)]
    public void Whole_numbers_follow_C(string text, int? value)
    {
        var isRight = Expression.Parse(text).Bind(Scope).TryInteger(
            [3, 9, 5], Int128.MinValue, Int128.MaxValue, out var result, out _);

        isRight.ShouldBe(value is not null);
        (isRight ? (int?)result : null).ShouldBe(value);
    }

    [Theory]
    [InlineData("1 / 4", 0.25)]
    [InlineData("rate / (1 + k)", 0.5 / 6)]
    [InlineData("1e-3 * n", 1.0)]
    [InlineData("7 % 2.5", 2.0)]
    [InlineData("max(rate, 0.25)", 0.5)]
    public void Real_numbers_divide_without_truncation(string text, double value)
    {
        Expression.Parse(text).Bind(Scope).TryReal([3, 9, 5], out var result, out _).ShouldBeTrue();

        result.ShouldBe(value, 1e-15);
    }

    [Theory]
    [InlineData("1 / (i - 3)", "divides by zero")]
    [InlineData("n % (k - k)", "divides by zero")]
    [InlineData("1 << 64", "0 to 63")]
    [InlineData("n << -1", "0 to 63")]
    [InlineData("j", "'j' has no value")]
    [InlineData("18446744073709551615 * 18446744073709551615 * 18446744073709551615", "128 bits")]
    public void What_has_no_value_says_why(string text, string error)
    {
        Expression.Parse(text).Bind(Scope).TryInteger(
            [3, 9, 5], Int128.MinValue, Int128.MaxValue, out _, out var message).ShouldBeFalse();

        message.ShouldContain(error);
    }

    [Theory]
    [InlineData("", "ends where")]
    [InlineData("1 +", "ends where")]
    [InlineData("(1", "')'")]
    [InlineData("1 2", "'2' at character 3")]
    [InlineData("4XB", "units are")]
    [InlineData("1.5B", "whole number of bytes")]
    [InlineData("99999999TiB", "2^63")]
    [InlineData("0x", "hexadecimal")]
    [InlineData("99999999999999999999", "64 bits")]
    [InlineData("1e999", "finite")]
    [InlineData("min(1)", "','")]
    [InlineData("sizeof(bool)", "'bool'")]
    [InlineData("a & b", "'&' at character 3")]
    [InlineData(".", "finite")]
    public void What_is_no_expression_says_where(string text, string error)
    {
        Expression.TryParse(text, out _, out var message).ShouldBeFalse();

        message.ShouldNotBeNull().ShouldContain(error);
    }

    [Theory]
    [InlineData("a-(b-c)", "a - (b - c)")]
    [InlineData("(a*b)+c", "a * b + c")]
    [InlineData("a*(b+c)<<2", "a * (b + c) << 2")]
    [InlineData("(a<<1)+b", "(a << 1) + b")]
    [InlineData("-(a+b)", "-(a + b)")]
    [InlineData("a/(b/c)", "a / (b / c)")]
    public void An_expression_is_written_with_the_brackets_that_it_needs(string text, string written)
    {
        Expression.Parse(text).Text.ShouldBe(written);
        Expression.Parse(written).Text.ShouldBe(written);
    }
}
