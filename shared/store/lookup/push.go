package lookup

import (
	"context"
	"strings"

	"postern/shared/gitlab"
	"postern/shared/store/layout"
	"postern/shared/store/record"
	"postern/shared/store/scimkeys"
	"postern/shared/table"
)

// PushQuery asks for everything that decides whether an actor may fetch from or push to a repository.
type PushQuery struct {
	Actor      gitlab.ActorRef
	Repository *gitlab.Repository // wins over Path
	Path       string             // a clone path, cleaned
	Push       bool               // asks for what only pushes need, too
	Refs       []gitlab.Change    // a push's changes once they are known: asks for the rules that they meet
}

// PushContext is what LoadPushContext found.
type PushContext struct {
	Settings  record.Settings
	Actor     gitlab.Actor
	Container *gitlab.Container     // nil: nothing is there
	Asked     gitlab.RepositoryKind // the kind of repository that was meant
	Parent    gitlab.Chain          // where a project that is not there would be created
	Members   []gitlab.Member       // the person's memberships in the project and along the chain
	Link      *gitlab.DeployKeyLink // the deploy key's way into the project

	CreatorMembers []gitlab.Member   // the memberships of the deploy key's creator, for known changes
	Protection     gitlab.Protection // for known changes

	OTPSession     bool     // the key has a fresh one-time-password session
	SSOSession     bool     // the person is linked to the top-level group's identity provider
	Collaborations []string // source branches that merge requests from the project let the person push to
}

// LoadPushContext reads all of it at one moment: in one round trip when earlier requests left hints for the actor
// and the repository, in two when they did not, in three below a group that has been renamed or moved since.
func (s *Loader) LoadPushContext(ctx context.Context, q PushQuery) (PushContext, error) {
	v := s.NewView()
	var loaded PushContext
	err := v.Resolve(ctx, func() bool {
		var known bool
		loaded, known = v.pushContext(q)
		return known
	})
	return loaded, err
}

// pushContext evaluates all parts even while some are unknown, so that each asks for its keys in the same trip.
func (v *View) pushContext(q PushQuery) (c PushContext, known bool) {
	settings, settingsKnown := v.Settings()
	actor, seems, actorKnown := v.Actor(q.Actor)
	found, kind, foundKnown := v.container(asked{repository: q.Repository, path: q.Path})
	c = PushContext{Settings: settings, Actor: actor, Container: found, Asked: kind}
	known = settingsKnown && actorKnown && foundKnown
	if foundKnown && found == nil && q.Push && q.Repository == nil {
		var parentKnown bool
		c.Parent, parentKnown = v.parentOf(q.Path)
		known = known && parentKnown
	}
	v.rights(&c, q, seems, &known)
	return c, known
}

// parentOf evaluates the chain of the namespace that a path's last segment would be created in.
func (v *View) parentOf(path string) (gitlab.Chain, bool) {
	i := strings.LastIndexByte(path, '/')
	if i <= 0 || !table.Nameable(path) {
		return nil, true
	}
	return v.GroupAt(gitlab.FoldPath(path[:i]))
}

// rights evaluates what the actor holds at the place that was found. What is not known yet is asked for where it
// seems to be.
func (v *View) rights(c *PushContext, q PushQuery, seems ActorHint, known *bool) {
	at := v.place(c, q)
	person := seems.Person()
	switch {
	case seems.deployKey != 0 && at.Project != 0:
		link, linkKnown := Read[gitlab.DeployKeyLink](v, layout.LinkKey(seems.deployKey, at.Project))
		c.Link = link
		*known = *known && linkKnown
		// The rights of a deploy key end where those of its creator do (internal API, allowed).
		if len(q.Refs) > 0 && seems.User != 0 {
			members, membersKnown := v.Members(at, seems.User)
			c.CreatorMembers = members
			*known = *known && membersKnown
		}
	case person != 0:
		members, membersKnown := v.Members(at, person)
		c.Members = members
		*known = *known && membersKnown
	}
	// Only real pushes come with refs; a fetch meets no rules.
	if len(q.Refs) > 0 && at.Project != 0 {
		protection, rulesKnown := v.protection(at, seems.User, q.Refs)
		c.Protection = protection
		*known = *known && rulesKnown
	}
	if *known {
		*known = v.sessions(c, person) && (!q.Push || v.collaborating(c, person))
	}
}

// place returns the project and the namespaces whose memberships count: those of what was found, and until that is
// known those that it seems to be.
func (v *View) place(c *PushContext, q PushQuery) PlaceHint {
	at := PlaceHint{}
	switch {
	case c.Container != nil:
		if c.Container.Project != nil {
			at.Project = c.Container.Project.ID
		}
		at.Namespaces = c.Container.Chain.IDs()
	case c.Parent != nil:
		at.Namespaces = c.Parent.IDs()
	default:
		return v.seeming(q)
	}
	v.store.hints.places.Add(q.name(), at)
	return at
}

// seeming guesses the place from an earlier request, or from what has been read so far.
func (v *View) seeming(q PushQuery) PlaceHint {
	if hint, ok := v.store.hints.places.Get(q.name()); ok {
		return hint
	}
	if q.Repository != nil {
		return v.seemingAbove(*q.Repository)
	}
	return v.seems
}

// seemingAbove guesses the place of a repository from the chain that its project's item remembers.
func (v *View) seemingAbove(r gitlab.Repository) PlaceHint {
	if r.Kind == gitlab.SnippetRepository || r.Kind == gitlab.GroupWikiRepository {
		return PlaceHint{}
	}
	return PlaceHint{Project: r.ID, Namespaces: ChainHint(v.items[layout.ProjectKey(r.ID)])}
}

// name is what the query asks for, without regard to case.
func (q *PushQuery) name() string {
	if q.Repository != nil {
		return q.Repository.String()
	}
	return gitlab.FoldPath(q.Path)
}

// Members evaluates a person's memberships in a project and in the namespaces above it.
func (v *View) Members(at PlaceHint, person gitlab.ID) ([]gitlab.Member, bool) {
	var members []gitlab.Member
	known := true
	add := func(k table.Key) {
		member, memberKnown := Read[gitlab.Member](v, k)
		if member != nil {
			members = append(members, *member)
		}
		known = known && memberKnown
	}
	if at.Project != 0 {
		add(layout.ProjectMemberKey(at.Project, person))
	}
	for _, ns := range at.Namespaces {
		add(layout.NamespaceMemberKey(ns, person))
	}
	linked, linkedKnown := v.linkedMembers(at.Namespaces, person, members)
	return append(members, linked...), known && linkedKnown
}

// sessions evaluates the sign-ins that licensed features ask for, and reads them only where those are in use.
func (v *View) sessions(c *PushContext, person gitlab.ID) bool {
	if !c.Settings.Licensed() || c.Actor.Person() == nil {
		return true
	}
	known := true
	if c.Settings.TwoFactorForCLI && c.Actor.Key != nil && c.Actor.User.TwoFactorEnabled {
		c.OTPSession, known = v.otpSession(c.Actor.Key.ID)
	}
	chain := c.Parent // of a project that the push may create
	if c.Container != nil {
		chain = c.Container.Chain
	}
	if root := chain.Root(); root != nil && root.SAMLSSOURL != nil && root.SAMLEnabled {
		var linked bool
		c.SSOSession, linked = v.linked(root.ID, person)
		known = known && linked
	}
	return known
}

// otpSession evaluates whether a key has a session that has not run out; items outlive their time by a while.
func (v *View) otpSession(key gitlab.ID) (fresh, known bool) {
	session, known := Read[struct {
		Expires int64 `json:"expires"`
	}](v, layout.OTPSessionKey(key))
	return session != nil && session.Expires > v.store.db.Now().Unix(), known
}

// linked evaluates whether a person has an active identity with a group's identity provider.
func (v *View) linked(group, person gitlab.ID) (active, known bool) {
	identity, known := Read[gitlab.SCIMIdentity](v, scimkeys.User(table.ID(group), person))
	return identity != nil && identity.Active, known
}

// collaborating evaluates whether a merge request from the project opens it to a person who may push to the target.
// Who may push to the project itself is not asked.
func (v *View) collaborating(c *PushContext, person gitlab.ID) bool {
	if person == 0 || c.Container == nil || c.Container.Project == nil {
		return true
	}
	if highest(c.Members, v) >= gitlab.Developer {
		return true
	}
	known := true
	for target, branches := range collaborations(c.Container.Project) {
		into, intoKnown := v.ProjectByID(target)
		if into == nil {
			known = known && intoKnown
			continue
		}
		members, membersKnown := v.Members(PlaceHint{Project: target, Namespaces: into.Chain.IDs()}, person)
		known = known && membersKnown
		if highest(members, v) >= gitlab.Developer || ownedBy(into.Chain, person) {
			c.Collaborations = append(c.Collaborations, branches...)
		}
	}
	return known
}

// highest is the level that counts: the best of all memberships that are neither invitations nor expired.
func highest(members []gitlab.Member, v *View) gitlab.AccessLevel {
	level := gitlab.NoAccess
	for i := range members {
		level = max(level, members[i].Level(v.store.db.Now()))
	}
	return level
}

// ownedBy reports whether a project lies in the person's own namespace, which needs no membership.
func ownedBy(chain gitlab.Chain, person gitlab.ID) bool {
	owner := chain.Parent().OwnerID
	return owner != nil && *owner == person
}
