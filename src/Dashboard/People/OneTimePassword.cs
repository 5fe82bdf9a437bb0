using System.Security.Cryptography;

namespace Monitoring.Dashboard.People;

/// <summary>Passwords that are read off a screen once and changed at the first sign-in.</summary>
internal static class OneTimePassword
{
    // No characters that are mistaken for each other when read off a screen.
    private const string Alphabet = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";

    /// <summary>16 random characters, about 93 bits.</summary>
    public static string New() => RandomNumberGenerator.GetString(Alphabet, 16);
}
