using System.Security.Cryptography;
using System.Text;
using Monitoring.Domain.Sensing;

namespace Monitoring.Storage.DuckDb;

/// <summary>
/// What a result is compared by: a number by its exact bits (both zeros are one), a category by 63 bits of its SHA-256. Two equal
/// prints of different categories have a chance of 2^-63.
/// </summary>
internal readonly record struct ResultPrint(bool IsText, long Bits)
{
    public static ResultPrint Of(ObservationResult result) => Of(result.Number, result.Text);

    /// <param name="text">Category in any form; a stored one must be decoded first.</param>
    public static ResultPrint Of(double? number, string? text)
    {
        if (number is { } value)
        {
            return new ResultPrint(false, BitConverter.DoubleToInt64Bits(value == 0 ? 0.0 : value));
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(text ?? ""), hash);
        return new ResultPrint(true, BitConverter.ToInt64(hash) & long.MaxValue);
    }
}
