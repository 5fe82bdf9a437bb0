using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;

namespace Monitoring.Dashboard.People;

/// <summary>What a person may do; each role may do what those below it may.</summary>
public enum Role
{
    /// <summary>Sees.</summary>
    Viewer,

    /// <summary>Acknowledges, assigns, verifies.</summary>
    Officer,

    /// <summary>Imports, reads the audit trail, keeps the people.</summary>
    Administrator,
}

/// <summary>Somebody who may sign in.</summary>
public sealed class Person : IdentityUser
{
    public string DisplayName { get; set; } = "";

    public Role Role { get; set; }

    /// <summary>Division-code prefixes separated by blanks; null = everything, empty = nothing.</summary>
    public string? RegionPrefixes { get; set; }

    public bool MustChangePassword { get; set; }

    /// <summary>True for the one that the first run made and whose password nobody has changed yet.</summary>
    public bool FirstRun { get; set; }

    public IReadOnlyList<string>? Prefixes() => RegionPrefixes?.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}

/// <summary>People in tables of their own, beside whatever else is in the file.</summary>
public sealed class PeopleContext(DbContextOptions<PeopleContext> options) : IdentityUserContext<Person>(options)
{
    protected override void OnModelCreating(ModelBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        base.OnModelCreating(builder);
        builder.Entity<Person>(person =>
        {
            person.ToTable("people");
            person.Property(static p => p.Role).HasConversion<string>();
        });
        builder.Entity<IdentityUserClaim<string>>().ToTable("people_claims");
        builder.Entity<IdentityUserLogin<string>>().ToTable("people_logins");
        builder.Entity<IdentityUserToken<string>>().ToTable("people_tokens");
    }
}
