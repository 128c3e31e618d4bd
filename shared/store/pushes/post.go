package pushes

import (
	"context"
	"slices"
	"strings"

	"postern/shared/gitlab"
	"postern/shared/store/layout"
	"postern/shared/store/lookup"
	"postern/shared/store/record"
	"postern/shared/table"
)

// PostQuery asks for what a push that git has accepted is answered with, and what its effects need.
type PostQuery struct {
	Actor      gitlab.ActorRef
	Repository gitlab.Repository
	RequestID  string   // of the caller, "" for none
	Branches   []string // changed and not gone: asks for the open merge requests from them
	Target     string   // branch that push options name: asks whether it is there
	Rights     bool     // asks for what decides the pusher's level
}

// PostContext is what LoadPostContext found.
type PostContext struct {
	Settings   record.Settings
	Broadcasts []gitlab.Broadcast
	Actor      gitlab.Actor
	Container  *gitlab.Container // nil: nothing is there
	Members    []gitlab.Member
	Messages   map[MessageKind]string // kept for this person and repository
	Open       map[string]OpenMergeRequest
	TargetIs   bool // the branch Target is there
	Ended      EndedLease
}

// OpenMergeRequest is the latest open merge request from a branch, and the full path of the project that it leads into.
type OpenMergeRequest struct {
	Project, IID gitlab.ID
	Path         string
}

// LoadPostContext reads all of it with one call when earlier requests left hints, two when they did not.
func (s *Pushes) LoadPostContext(ctx context.Context, q PostQuery) (PostContext, error) {
	v := s.newView()
	var c PostContext
	err := v.Resolve(ctx, func() bool {
		var known bool
		c, known = v.postContext(q)
		return known
	})
	return c, err
}

// postContext evaluates all of it. Each part asks for what it misses, whatever the others do, so that a trip reads for all.
func (v *view) postContext(q PostQuery) (c PostContext, known bool) {
	settings, settingsKnown := v.Settings()
	broadcasts, broadcastsKnown := v.Broadcasts()
	actor, seems, actorKnown := v.Actor(q.Actor)
	found, containerKnown := v.ContainerByID(q.Repository)
	c = PostContext{Settings: settings, Actor: actor, Container: found, Broadcasts: broadcasts}
	known = settingsKnown && broadcastsKnown && actorKnown && containerKnown
	known = v.endedLease(&c, q) && known
	known = v.keptMessages(&c, q.Repository, seems.User) && known
	known = v.openFrom(&c, q) && known
	known = v.rightsOfPusher(&c, q, seems.User) && known
	return c, known
}

// endedLease reads the lease item where no request id names the lease.
func (v *view) endedLease(c *PostContext, q PostQuery) bool {
	c.Ended = EndLeaseOf(q.Repository.String())
	if q.RequestID != "" {
		return true
	}
	var known bool
	c.Ended.item, known = v.Get(leaseKey(q.Repository.String()))
	c.Ended.loaded = known
	return known
}

// keptMessages evaluates the messages that wait for a user and have not run out.
func (v *view) keptMessages(c *PostContext, repository gitlab.Repository, user gitlab.ID) bool {
	if user == 0 {
		return true
	}
	c.Messages = map[MessageKind]string{}
	known := true
	for _, kind := range []MessageKind{MovedMessage, CreatedMessage} {
		item, itemKnown := v.Get(messageKey(user, repository.String(), string(kind)))
		if known = known && itemKnown; item != nil && table.Integer(item, "expires") > v.store.db.Now().Unix() {
			c.Messages[kind] = table.Text(item, "text")
		}
	}
	return known
}

// openFrom evaluates the open merge requests from branches. Where one leads into another project, that is read, too.
func (v *view) openFrom(c *PostContext, q PostQuery) bool {
	known := true
	c.Open = map[string]OpenMergeRequest{}
	for _, branch := range q.Branches {
		item, itemKnown := v.Get(layout.OpenFromKey(q.Repository.ID, branch))
		known = known && itemKnown
		open, ok := latestOpen(item)
		if !ok || c.Container == nil {
			continue
		}
		if open.Path = c.Container.FullPath(); open.Project != q.Repository.ID {
			into, intoKnown := v.ProjectByID(open.Project)
			if known = known && intoKnown; into == nil {
				continue
			}
			open.Path = into.Chain.FullPath(into.Project.Path)
		}
		c.Open[branch] = open
	}
	return known
}

// latestOpen returns the merge request with the highest number of an item that notes the open ones from a branch.
func latestOpen(item table.Item) (latest OpenMergeRequest, ok bool) {
	for name := range item {
		project, iid, found := strings.Cut(name, ":")
		p, isProject := gitlab.ParseID(project)
		n, isNumber := gitlab.ParseID(iid)
		if found && isProject && isNumber && n > latest.IID {
			latest, ok = OpenMergeRequest{Project: p, IID: n}, true
		}
	}
	return latest, ok
}

// rightsOfPusher evaluates what push options and messages for some roles need: memberships, and whether a branch is there.
func (v *view) rightsOfPusher(c *PostContext, q PostQuery, user gitlab.ID) bool {
	if c.Container == nil || c.Container.Project == nil {
		return true
	}
	known := true
	if user != 0 && (q.Rights || targetsRoles(c.Broadcasts)) {
		at := lookup.PlaceHint{Project: c.Container.Project.ID, Namespaces: c.Container.Chain.IDs()}
		c.Members, known = v.Members(at, user)
	}
	if q.Target != "" {
		ref, refKnown := v.Get(layout.RefKey(c.Container.Project.ID, gitlab.BranchRef(q.Target)))
		known = known && refKnown
		c.TargetIs = ref != nil && !gitlab.Blank(table.Text(ref, "target")) ||
			q.Target == c.Container.Project.DefaultBranch && !c.Container.Project.EmptyRepo
	}
	return known
}

// targetsRoles reports whether a message is for some roles only.
func targetsRoles(all []gitlab.Broadcast) bool {
	return slices.ContainsFunc(all, func(b gitlab.Broadcast) bool { return len(b.TargetAccessLevels) > 0 })
}
