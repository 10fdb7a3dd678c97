using System.Data.Common;

namespace GpuActors.Shared.Configuration.Settings;

/// <summary>Database, user and password for a PostgreSQL server. Its text does not show the password.</summary>
public sealed class PostgresLogin
{
    private const int MaxPasswordChars = 4096;
    private const string Hidden = "hidden";
    private const string Key = "connection-string";
    private const string Wanted =
        "one such as \"Host=db;Database=gpuactors;Username=gpuactors\", with at least Host and Database, is wanted.";

    private static readonly string[] PasswordWords = ["Password", "PWD", "PSW"];

    private readonly DbConnectionStringBuilder _parts;

    private PostgresLogin(DbConnectionStringBuilder parts) => _parts = parts;

    /// <summary>The whole of it, password included, as Npgsql reads it.</summary>
    public string ConnectionString => _parts.ConnectionString;

    /// <summary>The connection string without the password.</summary>
    public override string ToString()
    {
        var shown = new DbConnectionStringBuilder { ConnectionString = ConnectionString };
        foreach (var word in PasswordWords.Where(shown.ContainsKey))
        {
            shown[word] = Hidden;
        }

        return shown.ConnectionString;
    }

    internal static PostgresLogin From(SettingsReader section)
    {
        var parts = new DbConnectionStringBuilder();
        try
        {
            parts.ConnectionString = section.Text(Key);
        }
        catch (ArgumentException)
        {
            throw Wrong(section, "is not a list of NAME=VALUE with semicolons between");
        }

        if (!parts.ContainsKey("Host") && !parts.ContainsKey("Server"))
        {
            throw Wrong(section, parts.Count == 0 ? "is not set" : "names no Host");
        }

        if (!parts.ContainsKey("Database") && !parts.ContainsKey("DB"))
        {
            throw Wrong(section, "names no Database");
        }

        if (ReadPassword(section) is { } password)
        {
            foreach (var word in PasswordWords)
            {
                parts.Remove(word);
            }

            parts["Password"] = password;
        }

        return new PostgresLogin(parts);
    }

    private static string? ReadPassword(SettingsReader section)
    {
        const string key = "password-file";
        if (section.Optional(key) is not { } file)
        {
            return section.Optional("password");
        }

        try
        {
            using var reader = new StreamReader(file);
            var text = new char[MaxPasswordChars + 1];
            var length = reader.ReadBlock(text);
            var password = new string(text, 0, length).Trim();
            return length <= MaxPasswordChars && password.Length > 0
                ? password
                : throw section.Wrong(key, $"a file with a password of 1 to {MaxPasswordChars} characters");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw section.Wrong(key, $"a file that can be read ({e.Message})");
        }
    }

    /// <summary>Unlike that of other settings this error does not show the value.</summary>
    private static ConfigException Wrong(SettingsReader section, string what) => section.WrongHidden(Key, $"{what}; {Wanted}");
}
