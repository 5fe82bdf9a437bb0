using Monitoring.Dashboard.Api.Views;
using Monitoring.Domain.Alerts;

namespace Monitoring.Dashboard.Hubs;

/// <summary>What a dashboard wants to hear of, within what its person may see.</summary>
/// <param name="RegionPrefixes">Division-code prefixes, at most 100; null = all that the person may see.</param>
/// <param name="States">Alert states; null = all. A change that ends an alert is told whatever the states.</param>
internal sealed record HubScope(IReadOnlyList<string>? RegionPrefixes, IReadOnlyList<AlertState>? States);

/// <param name="Head">Newest sequence of the register.</param>
/// <param name="Resync">True: nothing is told before the alerts were read again and a subscription from <paramref name="Head"/> was made.</param>
internal sealed record SubscribeAnswer(long Head, bool Resync);

/// <param name="After">Sequence that the frame continues from.</param>
/// <param name="Through">Sequence up to which everything in the scope is told now.</param>
internal sealed record AlertFrame(long After, long Through, IReadOnlyList<AlertChangeView> Items);
