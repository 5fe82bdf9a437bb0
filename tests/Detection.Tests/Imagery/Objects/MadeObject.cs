using Monitoring.Detection.Imagery.Objects;
using Lane = Monitoring.Detection.Imagery.Objects.ObjectSums.Lane;

namespace Monitoring.Detection.Tests.Imagery.Objects;

/// <summary>An object of equal pixels, with the features that it has.</summary>
internal static class MadeObject
{
    /// <param name="before">Reflectances by role, as many as the scenes have bands.</param>
    public static ObjectSums Sums(int pixels, float score, float[] before, float[] after, double textureBefore, double textureAfter)
    {
        var lanes = new double[ObjectSums.Lanes];
        lanes.AsSpan(Lane.Before, 2 * RoleValues.Count).Fill(double.NaN);
        double differences = 0, squares = 0;
        for (var k = 0; k < before.Length; k++)
        {
            (lanes[Lane.Before + k], lanes[Lane.After + k]) = (pixels * (double)before[k], pixels * (double)after[k]);
            var d = (Math.Sqrt(after[k]) - Math.Sqrt(before[k])) / 0.02;
            (differences, squares) = (differences + (d / before.Length), squares + (d * d / before.Length));
        }

        (lanes[Lane.Pixels], lanes[Lane.Score], lanes[Lane.Difference], lanes[Lane.DifferenceSquared]) = (pixels, pixels * (double)score, pixels * differences, pixels * squares);
        (lanes[Lane.TextureBefore], lanes[Lane.TextureAfter]) = (pixels * textureBefore, pixels * textureAfter);
        return new ObjectSums(lanes);
    }

    /// <summary>Of a rectangle in a scene that looks as <paramref name="scene"/>.</summary>
    public static float[] Features(float[] before, float[] after, int width, int height, float[] scene, bool calibrated = true)
    {
        var shape = default(ObjectShape);
        var tally = new SceneTally();
        var values = RoleValues.Missing;
        scene.CopyTo(values);
        for (var y = 0; y < height; y++)
        {
            shape.AddRun(y, 0, width);
            shape.Touch(y > 0 ? width : 0);
            tally.Add(values, 0.03);
        }

        return ObjectFeatures.Of(Sums(width * height, 6, before, after, 0.03, 0.05), shape, tally.Context(calibrated, 2, 10), 0);
    }
}
