namespace GpuActors.Shared.Jobs.Reading;

/// <summary>What is allowed in often used kinds of field, for messages.</summary>
internal static class Allowed
{
    public const string Id = "1 to 100 characters of A-Z a-z 0-9 . _ - (but not '.' or '..')";

    public const string Name = "a name: 1 to 64 characters of A-Z a-z 0-9 _ . -, the first no '.' or '-'";

    public const string Identifier = "an identifier: 1 to 64 characters of A-Z a-z 0-9 _, the first no digit";

    public const string Sha256 = "a SHA-256: 64 characters of 0-9 a-f";
}
