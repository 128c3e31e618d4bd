package importer

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"postern/shared/directory"
)

// assemble writes the document of a complete journal, array by array, and returns the number of records in each.
func assemble(j *journal, to io.Writer, reportf func(string, ...any)) (map[string]int, error) {
	x, err := indexed(j)
	if err != nil {
		return nil, err
	}
	buffer := bufio.NewWriter(to)
	a := assembly{index: x, journal: j, document: directory.NewWriter(buffer), counts: map[string]int{}, left: map[string]int{}}
	// The order of the document's arrays. Each is written in one piece.
	for _, part := range []func() error{
		a.users, a.namespaces, a.projects, a.keys, a.deployKeys, a.members, a.branches, a.tags, a.agents,
	} {
		if err := part(); err != nil {
			return nil, err
		}
	}
	if err := errors.Join(a.document.Close(), buffer.Flush()); err != nil {
		return nil, err
	}
	if a.orphans > 0 {
		reportf("deploy keys without creator_id, which cannot push: %d (docs/import.md)", a.orphans)
	}
	for _, array := range slices.Sorted(maps.Keys(a.left)) {
		reportf("omitted, because their owners no longer exist: %d %s", a.left[array], array)
	}
	return a.counts, nil
}

// assembly is the document in progress.
type assembly struct {
	*index
	journal  *journal
	document *directory.Writer
	counts   map[string]int
	left     map[string]int // omitted records by array
	orphans  int            // deploy keys without creator
}

// put writes a record if its owner exists.
func (a *assembly) put(array string, record any, there bool) error {
	if !there {
		a.left[array]++
		return nil
	}
	raw, err := json.Marshal(record)
	if err != nil {
		return fmt.Errorf("%s: %w", array, err)
	}
	a.counts[array]++
	return a.document.Write(directory.Page{Document: map[string]any{array: []json.RawMessage{raw}}})
}

// users omits deleted groups, which give a user nothing.
func (a *assembly) users() error {
	return each(a.journal, "users", func(u userRecord) error {
		u.EnterpriseGroupID = only(u.EnterpriseGroupID, a.index.namespaces)
		u.ProvisionedByGroupID = only(u.ProvisionedByGroupID, a.index.namespaces)
		return a.put("users", u, a.index.users[u.ID])
	})
}

func (a *assembly) namespaces() error {
	return each(a.journal, "namespaces", func(n namespaceRecord) error {
		return a.put("namespaces", n, a.index.namespaces[n.ID])
	})
}

func (a *assembly) projects() error {
	return each(a.journal, "projects", func(p projectRecord) error {
		return a.put("projects", p, a.index.projects[p.ID])
	})
}

func (a *assembly) keys() error {
	return each(a.journal, "keys", func(k keyRecord) error {
		return a.put("keys", k, a.index.users[k.UserID])
	})
}

// deployKeys joins the entries of a key's projects.
func (a *assembly) deployKeys() error {
	all := map[int64]*deployKeyRecord{}
	err := each(a.journal, "deploy_keys", func(k deployKeyShare) error {
		if !a.index.projects[k.ProjectID] {
			return nil
		}
		if all[k.ID] == nil {
			all[k.ID] = &k.deployKeyRecord
		}
		all[k.ID].Projects = append(all[k.ID].Projects, k.linkRecord)
		return nil
	})
	for _, id := range slices.Sorted(maps.Keys(all)) {
		slices.SortFunc(all[id].Projects, func(a, b linkRecord) int { return cmp.Compare(a.ProjectID, b.ProjectID) })
		err = errorOf(err, a.put("deploy_keys", all[id], true))
		if all[id].CreatorID == nil {
			a.orphans++
		}
	}
	return err
}

// members writes direct memberships and those by shares. Of two for one place, the higher one counts.
func (a *assembly) members() error {
	shared := a.shared()
	err := each(a.journal, "members", func(m memberRecord) error {
		if invited, ok := shared[seatOf(&m)]; ok {
			m = higher(m, invited)
			delete(shared, seatOf(&m))
		}
		return a.put("members", m, a.index.users[m.UserID] && a.has(m.ProjectID, m.NamespaceID))
	})
	for _, place := range slices.SortedFunc(maps.Keys(shared), bySeat) {
		err = errorOf(err, a.put("members", shared[place], true))
	}
	return err
}

// bySeat orders the memberships by shares, so two imports of one state are equal.
func bySeat(a, b seat) int {
	return cmp.Or(cmp.Compare(a.namespace, b.namespace), cmp.Compare(a.project, b.project), cmp.Compare(a.user, b.user))
}

func (a *assembly) branches() error {
	return each(a.journal, "protected_branches", func(r branchRecord) error {
		r.PushAccessLevels, r.MergeAccessLevels = a.known(r.PushAccessLevels), a.known(r.MergeAccessLevels)
		return a.put("protected_branches", r, a.has(r.ProjectID, r.NamespaceID))
	})
}

func (a *assembly) tags() error {
	return each(a.journal, "protected_tags", func(r tagRecord) error {
		r.CreateAccessLevels = a.known(r.CreateAccessLevels)
		return a.put("protected_tags", r, a.has(&r.ProjectID, nil))
	})
}

// agents keeps agents of deleted creators.
func (a *assembly) agents() error {
	return each(a.journal, "agents", func(r agentRecord) error {
		r.CreatedByUserID = only(r.CreatedByUserID, a.index.users)
		return a.put("agents", r, a.has(&r.ProjectID, nil))
	})
}
