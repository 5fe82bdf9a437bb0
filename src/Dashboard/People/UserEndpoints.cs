using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Monitoring.Dashboard.Api;
using Monitoring.Dashboard.Api.Views;

namespace Monitoring.Dashboard.People;

/// <summary>Keeping the people. For administrators without region limit: a limited one could otherwise widen their own view.</summary>
internal static partial class UserEndpoints
{
    /// <summary>Names that the audit trail gives to others than people.</summary>
    private static readonly HashSet<string> Reserved = new(StringComparer.OrdinalIgnoreCase) { "anonymous", "system" };

    public static void MapUsers(this IEndpointRouteBuilder api)
    {
        var users = api.MapGroup("/users").RequireAuthorization(Guards.WholeAdministrator);
        users.MapGet("", AllAsync);
        users.MapPost("", AddAsync);
        users.MapPut("/{name}", ChangeAsync);
        users.MapPost("/{name}/password", ResetPasswordAsync);
        users.MapDelete("/{name}", RemoveAsync);
    }

    private static async Task<Ok<UserView[]>> AllAsync(PeopleContext people, CancellationToken cancellationToken) =>
        TypedResults.Ok((await people.Users.AsNoTracking().OrderBy(static p => p.UserName).ToListAsync(cancellationToken))
            .Select(static p => new UserView(p.UserName!, p.DisplayName, p.Role, p.Prefixes(), p.MustChangePassword)).ToArray());

    private static async Task<Results<Created<NewUserView>, ProblemHttpResult>> AddAsync(
        NewUserRequest request, HttpContext context, PeopleKeeper keeper)
    {
        if (request.Name is null || !UserName().IsMatch(request.Name) || Reserved.Contains(request.Name))
        {
            return Problems.Bad($"A user name is 1 to 64 of the characters A-Z, a-z, 0-9, dot, hyphen and underscore, and none of {string.Join(", ", Reserved.Order())}.");
        }

        if (request.Password is { Length: 0 or > 256 })
        {
            return Problems.Bad("A password has at most 256 characters; leave it out and the service makes one.");
        }

        if (FaultOf(request.DisplayName, request.Role, request.RegionPrefixes) is { } fault)
        {
            return Problems.Bad(fault);
        }

        var person = new Person
        {
            UserName = request.Name,
            DisplayName = request.DisplayName is { Length: > 0 } shown ? shown : request.Name,
            Role = request.Role,
            RegionPrefixes = TextOf(request.RegionPrefixes),
        };
        var made = request.Password is null ? OneTimePassword.New() : null;
        return await keeper.AddAsync(person, request.Password ?? made!, context.User.NameOf()) is { } refused
            ? Problems.Bad(refused)
            : TypedResults.Created($"/api/users/{person.UserName}", new NewUserView(person.UserName, person.DisplayName, person.Role, person.Prefixes(), true, made));
    }

    /// <summary>Role, regions and shown name, all three: what is not in the request is not guessed.</summary>
    private static async Task<Results<Ok<UserView>, ProblemHttpResult>> ChangeAsync(
        string name, UserChangeRequest request, HttpContext context, UserManager<Person> people, PeopleKeeper keeper)
    {
        if (FaultOf(request.DisplayName, request.Role, request.RegionPrefixes) is { } fault)
        {
            return Problems.Bad(fault);
        }

        if (await people.FindByNameAsync(name) is not { } person)
        {
            return NoSuch(name);
        }

        if (IsSelf(person, context))
        {
            return Problems.Of(StatusCodes.Status409Conflict, "Nobody changes their own role and regions; ask another administrator.");
        }

        var shown = request.DisplayName is { Length: > 0 } given ? given : person.UserName!;
        var prefixes = TextOf(request.RegionPrefixes);
        if ((shown, request.Role, prefixes) != (person.DisplayName, person.Role, person.RegionPrefixes)
            && await keeper.ChangeAsync(person, shown, request.Role, prefixes, context.User.NameOf()) is { } refused)
        {
            return Problems.Of(StatusCodes.Status409Conflict, refused);
        }

        return TypedResults.Ok(new UserView(person.UserName!, person.DisplayName, person.Role, person.Prefixes(), person.MustChangePassword));
    }

    /// <summary>For who forgot theirs: the answer holds the new password, once.</summary>
    private static async Task<Results<Ok<OneTimePasswordView>, ProblemHttpResult>> ResetPasswordAsync(
        string name, HttpContext context, UserManager<Person> people, PeopleKeeper keeper)
    {
        if (await people.FindByNameAsync(name) is not { } person)
        {
            return NoSuch(name);
        }

        if (IsSelf(person, context))
        {
            return Problems.Of(StatusCodes.Status409Conflict, "Change your own password with the current one; that keeps your session.");
        }

        var (password, fault) = await keeper.ResetPasswordAsync(person, context.User.NameOf());
        if (password is null)
        {
            return Problems.Of(StatusCodes.Status409Conflict, fault!);
        }

        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(new OneTimePasswordView(password));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RemoveAsync(
        string name, HttpContext context, UserManager<Person> people, PeopleKeeper keeper)
    {
        if (await people.FindByNameAsync(name) is not { } person)
        {
            return NoSuch(name);
        }

        if (IsSelf(person, context))
        {
            return Problems.Of(StatusCodes.Status409Conflict, "Nobody removes themselves; ask another administrator.");
        }

        return await keeper.RemoveAsync(person, context.User.NameOf()) is { } refused ? Problems.Of(StatusCodes.Status409Conflict, refused) : TypedResults.NoContent();
    }

    private static bool IsSelf(Person person, HttpContext context) => string.Equals(person.UserName, context.User.NameOf(), StringComparison.OrdinalIgnoreCase);

    private static ProblemHttpResult NoSuch(string name) => Problems.NotFound($"There is no user {name}.");

    private static string? TextOf(IReadOnlyList<string>? prefixes) => prefixes is null ? null : string.Join(' ', prefixes.Distinct(StringComparer.Ordinal));

    private static string? FaultOf(string? displayName, Role role, IReadOnlyList<string>? prefixes)
    {
        if (displayName is { Length: > 100 })
        {
            return "A display name has at most 100 characters.";
        }

        if (displayName?.Any(static c => char.IsControl(c) || char.GetUnicodeCategory(c) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator) is true)
        {
            return "A display name holds no characters that are not seen, such as line ends and marks of direction.";
        }

        if (prefixes is not null && (prefixes.Count is 0 or > 100 || !prefixes.All(static p => p is not null && Prefix().IsMatch(p))))
        {
            return "Region prefixes are 1 to 100 division-code prefixes of 2 to 12 digits each, or null for everything.";
        }

        return Enum.IsDefined(role) ? null : "A role is viewer, officer or administrator.";
    }

    [GeneratedRegex("^[A-Za-z0-9._-]{1,64}$")]
    private static partial Regex UserName();

    [GeneratedRegex("^[0-9]{2,12}$")]
    private static partial Regex Prefix();
}
