namespace Monitoring.Detection.Imagery.Objects;

/// <summary>A connected group of pixels that may be a change.</summary>
/// <param name="Sums">Of its candidate pixels.</param>
/// <param name="Shape">Of its outline, closed gaps among it.</param>
/// <param name="Features">As <see cref="ObjectFeatures.Names"/>.</param>
/// <param name="Probability">Of urban change, [0, 1], by the model; NaN when no model was asked or it has no variant for these bands.</param>
public sealed record CandidateObject(ObjectSums Sums, ObjectShape Shape, float[] Features, double Probability);

/// <summary>Who decides which candidate objects are kept.</summary>
public enum ObjectChoice
{
    /// <summary>The trained model; the rules where the model has nothing for the scenes' bands.</summary>
    Model,

    /// <summary>The threshold alone.</summary>
    Rules,

    /// <summary>Nobody: every candidate is kept, with the model's probability where it has one. For who would rather look at a harvested field than miss a roof; and what training tables are made from.</summary>
    Everything,
}
