package access

import (
	"fmt"
	"slices"
	"time"

	"postern/shared/gitlab"
)

// Account is what a check says of itself to somebody who asks why (Request.Explain).
type Account struct {
	Looked Facts  // what it looked at
	Change string // what would have to change for it to pass; "" where it passed
}

// Facts are what a check looked at, by name. None of them is secret.
type Facts map[string]any

// account notes what a check says of itself. What would have to change matters only where it did not pass.
func (s *Step) account(a Account) {
	if s.Outcome == Passed {
		a.Change = ""
	}
	s.Account = &a
}

// leaveOut adds to a trail that explains the checks that were not reached. Nothing of them is run: they build on what
// those before them have made sure of.
func (q *question) leaveOut(d *Decision, rest []check) {
	if !q.Explain || d.Outcome == CreateProject {
		return
	}
	for i := range rest {
		if rest[i].concerns(q) {
			d.Trail = append(d.Trail, Step{Name: rest[i].name, Outcome: NotReached, says: rest[i].says})
		}
	}
}

// Refused returns a trail that explains up to a check which has failed after all, for a reason that is found outside.
func (t Trail) Refused(check, change string) Trail {
	at := slices.IndexFunc(t, func(s Step) bool { return s.Name == check })
	if at < 0 {
		return t
	}
	t = slices.Clone(t[:at+1])
	a := Account{Change: change}
	if t[at].Account != nil {
		a.Looked = t[at].Account.Looked
	}
	t[at].Outcome = Failed
	t[at].account(a)
	return t
}

// after returns the steps that follow the one with a name.
func (t Trail) after(name string) Trail {
	return t[slices.IndexFunc(t, func(s Step) bool { return s.Name == name })+1:]
}

// roles are the levels as people call them.
var roles = map[gitlab.AccessLevel]string{
	gitlab.Guest: "Guest", gitlab.Planner: "Planner", gitlab.Reporter: "Reporter", gitlab.Developer: "Developer",
	gitlab.Maintainer: "Maintainer", gitlab.Owner: "Owner", gitlab.Admin: "Administrator",
}

// Role names a level for people: "Reporter (20)", and "none" for no access.
func Role(l gitlab.AccessLevel) string {
	if l == gitlab.NoAccess {
		return "none"
	}
	return fmt.Sprintf("%s (%d)", roles[l], int(l))
}

// who names the actor.
func (q *question) who() string {
	switch {
	case q.Actor.DeployKey():
		return fmt.Sprintf("deploy key %d", q.Actor.Key.ID)
	case q.person != nil:
		return "@" + q.person.Username
	case q.Actor.Key != nil:
		return fmt.Sprintf("key %d, which is nobody's", q.Actor.Key.ID)
	}
	return "nobody who is known"
}

// where names what is asked for, or where it would be.
func (q *question) where() string {
	if q.Container == nil {
		return q.AskedPath
	}
	return q.Container.FullPath()
}

// needsRole says which role somebody needs here.
func (q *question) needsRole(who string, has, needed gitlab.AccessLevel) string {
	place := q.chain().FullPath()
	if project := q.project(); project != nil {
		place = q.chain().FullPath(project.Path)
	}
	return fmt.Sprintf("a role of at least %s for %s in %s or a group above it; has %s", Role(needed), who, place, Role(has))
}

// actorNeeds says which role the actor needs here.
func (q *question) actorNeeds(needed gitlab.AccessLevel) string {
	return q.needsRole(q.who(), q.level, needed)
}

// setting says what a setting would have to be.
func setting(name, of string, needed, is any) string {
	if is == nil {
		is = "null"
	}
	return fmt.Sprintf("%s of %s: %v; is %v", name, of, needed, is)
}

// standing is who the actor is and what the actor's role here comes from.
func (q *question) standing() Facts {
	return Facts{
		"actor":         q.who(),
		"administrator": q.admin,
		"owner":         q.ownsNamespace(),
		"role":          Role(q.level),
		"memberships":   q.memberships(q.Members),
	}
}

// memberships tells of each membership where it is, and whether it counts now.
func (q *question) memberships(members []gitlab.Member) []Facts {
	told := make([]Facts, len(members))
	for i := range members {
		m := &members[i]
		told[i] = Facts{"in": q.placeOf(m), "role": Role(m.AccessLevel), "counts": m.Level(q.Now) != gitlab.NoAccess}
		if m.ExpiresAt != nil {
			told[i]["expires_at"] = moment(m.ExpiresAt)
		}
		if m.Awaiting {
			told[i]["awaiting"] = true
		}
	}
	return told
}

// placeOf names the place of a membership.
func (q *question) placeOf(m *gitlab.Member) string {
	chain := q.chain()
	for i := range chain {
		if m.NamespaceID != nil && chain[i].ID == *m.NamespaceID {
			return chain[:i+1].FullPath()
		}
	}
	return q.where()
}

// moment is a time as an explanation has it, nil for none.
func moment(t *time.Time) any {
	if t == nil {
		return nil
	}
	return t.UTC().Format(time.RFC3339)
}
