package importer

import (
	"encoding/json"
	"fmt"
)

// index has the records that exist at the end of the import. Earlier answers may refer to records that were deleted later.
type index struct {
	users      map[int64]bool
	namespaces map[int64]bool
	projects   map[int64]bool
	deployKeys map[int64]bool

	parents map[int64]int64          // of all namespaces, 0 without a parent
	members map[int64][]memberRecord // direct members by group
	shares  []shareRecord
}

// indexed reads the whole journal.
func indexed(j *journal) (*index, error) {
	x := &index{
		users: map[int64]bool{}, namespaces: map[int64]bool{}, projects: map[int64]bool{}, deployKeys: map[int64]bool{},
		parents: map[int64]int64{}, members: map[int64][]memberRecord{},
	}
	deleted := j.list("users").deleted
	owners, within := map[int64]int64{}, map[int64]int64{}
	err := errorOf(
		each(j, "users", func(u userRecord) error {
			x.users[u.ID] = !deleted[u.ID]
			return nil
		}),
		each(j, "namespaces", func(n namespaceRecord) error {
			x.parents[n.ID] = value(n.ParentID)
			owners[n.ID] = value(n.OwnerID)
			return nil
		}),
		each(j, "projects", func(p projectRecord) error {
			within[p.ID] = p.NamespaceID
			return nil
		}),
	)
	// At the end, because a group may be listed before its parent.
	for id := range x.parents {
		x.namespaces[id] = x.reaches(id) && (owners[id] == 0 || x.users[owners[id]])
	}
	// A project exists if its namespace does.
	for id, namespace := range within {
		x.projects[id] = x.namespaces[namespace] && !j.list("projects").deleted[id]
	}
	return x, errorOf(err, x.hanging(j))
}

// reaches reports whether all parents of a group exist.
func (x *index) reaches(id int64) bool {
	for range maxDepth {
		parent, there := x.parents[id]
		if !there || parent == 0 {
			return there
		}
		id = parent
	}
	return false
}

// maxDepth exceeds the depth of nested groups, 20 in GitLab. It also ends cycles.
const maxDepth = 50

// hanging records members, shares and deploy keys.
func (x *index) hanging(j *journal) error {
	return errorOf(
		each(j, "members", func(m memberRecord) error {
			if m.NamespaceID != nil {
				x.members[*m.NamespaceID] = append(x.members[*m.NamespaceID], m)
			}
			return nil
		}),
		each(j, "shares", func(s shareRecord) error {
			x.shares = append(x.shares, s)
			return nil
		}),
		each(j, "deploy_keys", func(k deployKeyShare) error {
			x.deployKeys[k.ID] = x.deployKeys[k.ID] || x.projects[k.ProjectID]
			return nil
		}),
	)
}

// has reports whether a place exists.
func (x *index) has(project, namespace *int64) bool {
	return x.projects[value(project)] || x.namespaces[value(namespace)]
}

// known omits deleted grantees of a rule.
func (x *index) known(all []granted) []granted {
	kept := []granted{}
	for _, g := range all {
		if g.AccessLevel != nil || x.users[value(g.UserID)] || x.namespaces[value(g.GroupID)] || x.deployKeys[value(g.DeployKeyID)] {
			kept = append(kept, g)
		}
	}
	return kept
}

// only returns an existing id, or nil.
func only(id *int64, there map[int64]bool) *int64 {
	if there[value(id)] {
		return id
	}
	return nil
}

// each parses one array of the journal.
func each[T any](j *journal, array string, do func(T) error) error {
	_, err := j.scan(func(e *entry) error {
		for _, raw := range e.Records[array] {
			var record T
			if err := json.Unmarshal(raw, &record); err != nil {
				return fmt.Errorf("%s: %w", array, err)
			}
			if err := do(record); err != nil {
				return err
			}
		}
		return nil
	})
	return err
}

// value dereferences an id. nil is 0.
func value(id *int64) int64 {
	if id == nil {
		return 0
	}
	return *id
}

func errorOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
