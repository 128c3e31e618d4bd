package pushes

import (
	"cmp"
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
	Rights     bool     // asks for what decides the pusher's level

	// What push options for merge requests name: a project by its path, "" for the repository's, and a branch there.
	TargetProject, Target string
}

// PostContext is what LoadPostContext found.
type PostContext struct {
	Settings   record.Settings
	Broadcasts []gitlab.Broadcast
	Actor      gitlab.Actor
	Container  *gitlab.Container // nil: nothing is there
	Members    []gitlab.Member
	Messages   map[MessageKind]string        // kept for this person and repository
	Open       map[string]OpenMergeRequest   // the latest from each branch, into any project
	AllOpen    map[string][]OpenMergeRequest // all of them, the latest first
	Ended      EndedLease

	Target        *gitlab.Container // the target project, nil: not found
	TargetMembers []gitlab.Member   // the person's memberships there
	TargetIs      bool              // the branch Target is there
	SameNetwork   bool              // both projects are one, or in one fork network
}

// OpenMergeRequest is an open merge request from a branch, and the full path of the project that it leads into.
type OpenMergeRequest struct {
	Project, IID gitlab.ID
	Branch       string // the target branch
	Path         string // read for the latest one only
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
	c.Open, c.AllOpen = map[string]OpenMergeRequest{}, map[string][]OpenMergeRequest{}
	for _, branch := range q.Branches {
		item, itemKnown := v.Get(layout.OpenFromKey(q.Repository.ID, branch))
		known = known && itemKnown
		all := openOf(item)
		if len(all) == 0 || c.Container == nil {
			continue
		}
		c.AllOpen[branch] = all
		open := all[0]
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

// openOf returns the merge requests of an item that notes the open ones from a branch, the highest number first.
func openOf(item table.Item) []OpenMergeRequest {
	var all []OpenMergeRequest
	for name := range item {
		project, iid, found := strings.Cut(name, ":")
		p, isProject := gitlab.ParseID(project)
		n, isNumber := gitlab.ParseID(iid)
		if found && isProject && isNumber {
			all = append(all, OpenMergeRequest{Project: p, IID: n, Branch: table.Text(item, name)})
		}
	}
	slices.SortFunc(all, func(a, b OpenMergeRequest) int {
		return cmp.Or(cmp.Compare(b.IID, a.IID), cmp.Compare(b.Project, a.Project))
	})
	return all
}

// rightsOfPusher evaluates the memberships that push options and messages for some roles need, and the target of options.
func (v *view) rightsOfPusher(c *PostContext, q PostQuery, user gitlab.ID) bool {
	if c.Container == nil || c.Container.Project == nil {
		return true
	}
	known := true
	if user != 0 && (q.Rights || targetsRoles(c.Broadcasts)) {
		c.Members, known = v.Members(placeOf(c.Container), user)
	}
	if !q.Rights {
		return known
	}
	return v.mergeTarget(c, q, user) && known
}

// placeOf returns the place of memberships that count for a project.
func placeOf(c *gitlab.Container) lookup.PlaceHint {
	return lookup.PlaceHint{Project: c.Project.ID, Namespaces: c.Chain.IDs()}
}

// mergeTarget evaluates the project and the branch that push options name.
func (v *view) mergeTarget(c *PostContext, q PostQuery, user gitlab.ID) bool {
	c.Target, c.TargetMembers, c.SameNetwork = c.Container, c.Members, true
	if path := gitlab.FoldPath(q.TargetProject); path != "" && path != gitlab.FoldPath(c.Container.FullPath()) {
		known := v.otherTarget(c, path, user)
		if !known || c.Target == nil {
			return known
		}
	}
	if q.Target == "" {
		return true
	}
	project := c.Target.Project
	c.TargetIs = q.Target == project.DefaultBranch && !project.EmptyRepo
	k := layout.RefKey(project.ID, gitlab.BranchRef(q.Target))
	// DynamoDB takes no longer key, so no item has one.
	if k.Impossible() {
		return true
	}
	ref, known := v.Get(k)
	c.TargetIs = c.TargetIs || ref != nil && !gitlab.Blank(table.Text(ref, "target"))
	return known
}

// otherTarget evaluates another project than the repository's. A former path names none.
func (v *view) otherTarget(c *PostContext, path string, user gitlab.ID) bool {
	c.Target, c.TargetMembers, c.SameNetwork = nil, nil, false
	if !table.Nameable(path) {
		return true
	}
	found, known := v.ProjectAt(path)
	if !known || found == nil || gitlab.FoldPath(found.Chain.FullPath(found.Project.Path)) != path {
		return known
	}
	c.Target = v.Of(found, gitlab.ProjectRepository, path)
	known = true
	if user != 0 {
		c.TargetMembers, known = v.Members(placeOf(c.Target), user)
	}
	// The directory has no fork networks yet, so each project is alone in its own.
	c.SameNetwork = found.Project.ID == c.Container.Project.ID
	return known
}

// targetsRoles reports whether a message is for some roles only.
func targetsRoles(all []gitlab.Broadcast) bool {
	return slices.ContainsFunc(all, func(b gitlab.Broadcast) bool { return len(b.TargetAccessLevels) > 0 })
}
