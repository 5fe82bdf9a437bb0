using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Monitoring.Dashboard.Api;
using Monitoring.Dashboard.Api.Views;
using Monitoring.Domain.Audit;

namespace Monitoring.Dashboard.People;

/// <summary>Keeping the people. For administrators without region limit: a limited one could otherwise widen their own view.</summary>
internal static partial class UserEndpoints
{
    public static void MapUsers(this IEndpointRouteBuilder api)
    {
        var users = api.MapGroup("/users").RequireAuthorization(Guards.WholeAdministrator);
        users.MapGet("", AllAsync);
        users.MapPost("", AddAsync);
        users.MapDelete("/{name}", RemoveAsync);
    }

    private static async Task<Ok<UserView[]>> AllAsync(PeopleContext people, CancellationToken cancellationToken) =>
        TypedResults.Ok((await people.Users.AsNoTracking().OrderBy(static p => p.UserName).ToListAsync(cancellationToken))
            .Select(static p => new UserView(p.UserName!, p.DisplayName, p.Role, p.Prefixes(), p.MustChangePassword, p.LockoutEnd)).ToArray());

    private static async Task<Results<Created<UserView>, ProblemHttpResult>> AddAsync(
        NewUserRequest request, HttpContext context, UserManager<Person> people, IAuditTrail audit, PeopleAuditor auditor, CancellationToken cancellationToken)
    {
        if (request.Name is null || !UserName().IsMatch(request.Name))
        {
            return Problems.Bad("A user name is 1 to 64 of the characters A-Z, a-z, 0-9, dot, hyphen and underscore.");
        }

        if (request.DisplayName is { Length: > 100 } || request.Password is not { Length: <= 256 })
        {
            return Problems.Bad("A display name has at most 100 characters; a password is needed and has at most 256.");
        }

        if (request.RegionPrefixes is { } prefixes && (prefixes.Count is 0 or > 100 || !prefixes.All(static p => p is not null && Prefix().IsMatch(p))))
        {
            return Problems.Bad("Region prefixes are 1 to 100 division-code prefixes of 2 to 12 digits each; leave them out for everything.");
        }

        if (!Enum.IsDefined(request.Role))
        {
            return Problems.Bad("A role is viewer, officer or administrator.");
        }

        var person = new Person
        {
            UserName = request.Name,
            DisplayName = request.DisplayName is { Length: > 0 } shown ? shown : request.Name,
            Role = request.Role,
            RegionPrefixes = request.RegionPrefixes is { } given ? string.Join(' ', given) : null,
            MustChangePassword = true,
        };
        if (await people.CreateAsync(person, request.Password) is { Succeeded: false } refused)
        {
            return Problems.Bad(string.Join(' ', refused.Errors.Select(static e => e.Description)));
        }

        await audit.AppendAsync(
            auditor.Entry(
                context.User.NameOf(), "user.create", person.UserName, ("prefixes", person.RegionPrefixes ?? "*"), ("role", MapLayers.Camel(person.Role.ToString()))),
            cancellationToken);
        return TypedResults.Created(
            $"/api/users/{person.UserName}", new UserView(person.UserName, person.DisplayName, person.Role, person.Prefixes(), true, null));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RemoveAsync(
        string name, HttpContext context, UserManager<Person> people, PeopleStamps stamps, IAuditTrail audit, PeopleAuditor auditor, CancellationToken cancellationToken)
    {
        if (await people.FindByNameAsync(name) is not { } person)
        {
            return Problems.NotFound($"There is no user {name}.");
        }

        if (string.Equals(person.UserName, context.User.NameOf(), StringComparison.OrdinalIgnoreCase))
        {
            return Problems.Of(StatusCodes.Status409Conflict, "Nobody removes themselves; ask another administrator.");
        }

        await people.DeleteAsync(person);
        stamps.Forget(person.Id);
        await audit.AppendAsync(auditor.Entry(context.User.NameOf(), "user.delete", person.UserName!), cancellationToken);
        return TypedResults.NoContent();
    }

    [GeneratedRegex("^[A-Za-z0-9._-]{1,64}$")]
    private static partial Regex UserName();

    [GeneratedRegex("^[0-9]{2,12}$")]
    private static partial Regex Prefix();
}
