using System.Text.Json.Serialization;

namespace Monitoring.Detection.Imagery.Objects;

/// <summary>How an object model is written as JSON. Made by the compiler: a command that compares two scenes once would spend longer on reflection than on reading it.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    WriteIndented = true,
    NewLine = "\n",
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ObjectModel))]
internal sealed partial class ObjectModelJson : JsonSerializerContext;
