using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace GpuActors.Actors;

/// <summary>
/// Where an actor system lives: <c>akka://name</c> inside its own process, <c>akka://name@host:port</c> seen from
/// others. An IPv6 host is written in brackets.
/// </summary>
/// <param name="System">Name of the actor system: letters, digits, <c>-</c> and <c>_</c>.</param>
/// <param name="Host">Host name or address; null inside the own process.</param>
/// <param name="Port">TCP port; null inside the own process.</param>
public sealed record Address(string System, string? Host = null, int? Port = null) : IComparable<Address>
{
    /// <summary>The scheme of every address.</summary>
    public const string Protocol = "akka";

    private const string Prefix = Protocol + "://";

    /// <summary>True for an address without host: it means the process that reads it.</summary>
    public bool HasLocalScope => Host is null;

    /// <summary>Reads <c>akka://system[@host:port]</c>, without a path behind it.</summary>
    /// <exception cref="FormatException">The text is not an address.</exception>
    public static Address Parse(string text) => TryParse(text, out var address)
        ? address
        : throw new FormatException($"'{text}' is not an address; expected akka://system or akka://system@host:port.");

    /// <summary>Reads an address; false when the text is not one.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out Address? address)
    {
        address = null;
        if (text?.StartsWith(Prefix, StringComparison.Ordinal) != true)
        {
            return false;
        }

        var rest = text.AsSpan(Prefix.Length);
        var at = rest.IndexOf('@');
        if (at < 0)
        {
            address = IsValidSystemName(rest) ? new Address(rest.ToString()) : null;
            return address is not null;
        }

        var host = rest[(at + 1)..];
        var colon = host.LastIndexOf(':');
        if (!IsValidSystemName(rest[..at]) || colon <= 0 || !IsValidHost(host[..colon])
            || !int.TryParse(host[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            || port > ushort.MaxValue)
        {
            return false;
        }

        address = new Address(rest[..at].ToString(), host[..colon].Trim("[]").ToString(), port);
        return true;
    }

    /// <summary>Orders by host, then port, then system.</summary>
    public int CompareTo(Address? other)
    {
        if (other is null)
        {
            return 1;
        }

        var byHost = string.CompareOrdinal(Host, other.Host);
        var byPort = byHost != 0 ? byHost : Nullable.Compare(Port, other.Port);
        return byPort != 0 ? byPort : string.CompareOrdinal(System, other.System);
    }

    /// <summary>The text that <see cref="Parse"/> reads.</summary>
    public override string ToString()
    {
        if (Host is null)
        {
            return Prefix + System;
        }

        var host = Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host;
        return string.Create(CultureInfo.InvariantCulture, $"{Prefix}{System}@{host}:{Port}");
    }

    internal static bool IsValidSystemName(ReadOnlySpan<char> name)
    {
        foreach (var c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '-' && c != '_')
            {
                return false;
            }
        }

        return name.Length is > 0 and <= 64;
    }

    private static bool IsValidHost(ReadOnlySpan<char> host) =>
        host.IndexOfAny("/@# ") < 0 && (host.IndexOf(':') < 0 || (host[0] == '[' && host[^1] == ']'));

    public static bool operator <(Address left, Address right) => left.CompareTo(right) < 0;

    public static bool operator <=(Address left, Address right) => left.CompareTo(right) <= 0;

    public static bool operator >(Address left, Address right) => left.CompareTo(right) > 0;

    public static bool operator >=(Address left, Address right) => left.CompareTo(right) >= 0;
}
