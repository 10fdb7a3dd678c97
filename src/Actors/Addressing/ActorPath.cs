using System.Globalization;
using System.Text;

namespace GpuActors.Actors;

/// <summary>
/// The name of an actor: address, then the names of its ancestors and itself, as in
/// <c>akka://system@host:port/user/parent/child#uid</c>. The uid tells incarnations of one name apart (0: any).
/// Paths are equal when address and names are equal; refs compare the uid too.
/// </summary>
public sealed class ActorPath : IEquatable<ActorPath>, IComparable<ActorPath>
{
    private const int NameLengthMax = 256;
    private const string AllowedPunctuation = "-_.*$+:@&=,!~';";

    private ActorPath(Address address, ActorPath? parent, string name, long uid)
    {
        Address = address;
        Parent = parent ?? this;
        Name = name;
        Uid = uid;
    }

    /// <summary>Where the actor's system lives.</summary>
    public Address Address { get; }

    /// <summary>The parent's path; the root is its own parent.</summary>
    public ActorPath Parent { get; }

    /// <summary>The last element; empty for the root.</summary>
    public string Name { get; }

    /// <summary>Number of the incarnation; 0 when not known.</summary>
    public long Uid { get; }

    /// <summary>True for <c>akka://system/</c>.</summary>
    public bool IsRoot => ReferenceEquals(Parent, this);

    /// <summary>The names from the root's child down to this one.</summary>
    public IReadOnlyList<string> Elements
    {
        get
        {
            var elements = new List<string>();
            for (var path = this; !path.IsRoot; path = path.Parent)
            {
                elements.Add(path.Name);
            }

            elements.Reverse();
            return elements;
        }
    }

    /// <summary>The root of a system.</summary>
    public static ActorPath Root(Address address) => new(address, null, "", 0);

    /// <summary>The path of a child.</summary>
    public ActorPath Child(string name, long uid = 0) => new(Address, this, name, uid);

    public static ActorPath operator /(ActorPath path, string name) => path.Child(name);

    /// <summary>The same names with another uid.</summary>
    public ActorPath WithUid(long uid) => uid == Uid || IsRoot ? this : new ActorPath(Address, Parent, Name, uid);

    /// <summary>Reads what <see cref="ToSerializationFormat"/> or <see cref="ToString"/> wrote.</summary>
    /// <exception cref="FormatException">The text is not an actor path.</exception>
    public static ActorPath Parse(string text) => TryParse(text, out var path)
        ? path
        : throw new FormatException($"'{text}' is not an actor path; expected akka://system[@host:port]/name/...");

    /// <summary>Reads a path; false when the text is not one.</summary>
    public static bool TryParse(string? text, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out ActorPath? path)
    {
        path = null;
        var scheme = text?.IndexOf("://", StringComparison.Ordinal) ?? -1;
        if (text is null || scheme < 0)
        {
            return false;
        }

        var slash = text.IndexOf('/', scheme + 3);
        if (!Address.TryParse(slash < 0 ? text : text[..slash], out var address))
        {
            return false;
        }

        return TryParseElements(Root(address), slash < 0 ? default : text.AsSpan(slash + 1), out path);
    }

    /// <summary>True when an actor may have this name: ASCII letters, digits and <c>-_.*$+:@&amp;=,!~';</c>.</summary>
    public static bool IsValidName(ReadOnlySpan<char> name)
    {
        foreach (var c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && !AllowedPunctuation.Contains(c, StringComparison.Ordinal))
            {
                return false;
            }
        }

        return name.Length is > 0 and <= NameLengthMax && name is not "." and not "..";
    }

    public bool Equals(ActorPath? other)
    {
        var left = this;
        for (var right = other; right is not null; left = left.Parent, right = right.Parent)
        {
            if (ReferenceEquals(left, right))
            {
                return true;
            }

            if (left.IsRoot || right.IsRoot)
            {
                return left.IsRoot && right.IsRoot && left.Address == right.Address;
            }

            if (left.Name != right.Name)
            {
                return false;
            }
        }

        return false;
    }

    public override bool Equals(object? obj) => Equals(obj as ActorPath);

    public override int GetHashCode() => HashCode.Combine(Name, Parent.IsRoot ? "" : Parent.Name, Address.Port);

    public int CompareTo(ActorPath? other) => string.CompareOrdinal(ToString(), other?.ToString());

    /// <summary>Address and names, without the uid.</summary>
    public override string ToString() => ToStringWithAddress(Address);

    /// <summary>The names alone: <c>/user/a</c>.</summary>
    public string ToStringWithoutAddress() => AppendElements(new StringBuilder()).ToString();

    /// <summary>The names below the given address instead of the own.</summary>
    public string ToStringWithAddress(Address address) =>
        AppendElements(new StringBuilder(address.ToString())).ToString();

    /// <summary>Names and uid below the own address or, when that is local, below <paramref name="address"/>.</summary>
    public string ToSerializationFormat(Address? address = null)
    {
        var shown = Address.HasLocalScope && address is not null ? address : Address;
        var text = AppendElements(new StringBuilder(shown.ToString()));
        if (Uid != 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"#{Uid}");
        }

        return text.ToString();
    }

    internal static bool TryParseElements(ActorPath root, ReadOnlySpan<char> text,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out ActorPath? path)
    {
        path = null;
        var uid = 0L;
        var hash = text.IndexOf('#');
        if (hash >= 0)
        {
            if (!long.TryParse(text[(hash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out uid))
            {
                return false;
            }

            text = text[..hash];
        }

        var current = root;
        foreach (var range in text.Split('/'))
        {
            var name = text[range];
            if (name.IsEmpty && range.End.Value == text.Length)
            {
                break; // a trailing slash
            }

            if (!IsValidName(name))
            {
                return false;
            }

            current = current.Child(name.ToString());
        }

        path = current.WithUid(uid);
        return true;
    }

    private StringBuilder AppendElements(StringBuilder text)
    {
        if (IsRoot)
        {
            return text.Append('/');
        }

        foreach (var element in Elements)
        {
            text.Append('/').Append(element);
        }

        return text;
    }

    public static bool operator ==(ActorPath? left, ActorPath? right) => left?.Equals(right) ?? right is null;

    public static bool operator !=(ActorPath? left, ActorPath? right) => !(left == right);

    public static bool operator <(ActorPath left, ActorPath right) => left.CompareTo(right) < 0;

    public static bool operator <=(ActorPath left, ActorPath right) => left.CompareTo(right) <= 0;

    public static bool operator >(ActorPath left, ActorPath right) => left.CompareTo(right) > 0;

    public static bool operator >=(ActorPath left, ActorPath right) => left.CompareTo(right) >= 0;
}
