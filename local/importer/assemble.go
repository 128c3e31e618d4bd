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

// assemble writes the document of a whole journal, array by array, and returns how many records each has.
func assemble(j *journal, to io.Writer, say func(string, ...any)) (map[string]int, error) {
	x, err := indexed(j)
	if err != nil {
		return nil, err
	}
	buffer := bufio.NewWriter(to)
	a := assembly{index: x, journal: j, document: directory.NewWriter(buffer), counts: map[string]int{}, left: map[string]int{}}
	// In this order, since an array of the document is written in one go.
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
	for _, array := range slices.Sorted(maps.Keys(a.left)) {
		say("left out, because what they belong to is not there: %d %s", a.left[array], array)
	}
	return a.counts, nil
}

// assembly is a document that is being written.
type assembly struct {
	*index
	journal  *journal
	document *directory.Writer
	counts   map[string]int
	left     map[string]int // by array: what was left out
}

// put writes a record, if what it belongs to is there.
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

// users leave out the groups that are gone, as those give them nothing any more.
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

// deployKeys joins what the projects of a key say of it.
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
	}
	return err
}

// members writes those that GitLab tells, and those that its shares come to. Of two in one place the higher counts.
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

// bySeat orders what shares come to, so that two imports of one state are the same text.
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

// agents stay when whoever made them is gone.
func (a *assembly) agents() error {
	return each(a.journal, "agents", func(r agentRecord) error {
		r.CreatedByUserID = only(r.CreatedByUserID, a.index.users)
		return a.put("agents", r, a.has(&r.ProjectID, nil))
	})
}
