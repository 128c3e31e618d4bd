package directory

import (
	"context"
	"slices"
	"sync"

	"postern/shared/gitlab"
	"postern/shared/store"
	"postern/shared/store/layout"
	"postern/shared/store/record"
	"postern/shared/table"
)

// maxDepth is how deep groups may lie within each other.
const maxDepth = 20

// tree knows the namespaces as they are once the document is applied.
type tree struct {
	store  *store.Store
	listed map[gitlab.ID]node // those of the document
	depths []uint8            // by index in the document

	// listed and depths are made while checking, by one goroutine; found also grows while several workers write.
	mu    sync.Mutex
	found map[gitlab.ID]node // others, as they were read; id 0 in a node: there is none
}

// node is what a namespace's place in the tree needs.
type node struct {
	id, parent gitlab.ID
	path       string
	group      bool
	index      uint32
}

// newTree returns a tree that knows nothing yet.
func newTree(s *store.Store) tree {
	return tree{store: s, listed: map[gitlab.ID]node{}, found: map[gitlab.ID]node{}}
}

// nodeOf returns what the tree needs of a namespace.
func nodeOf(ns *gitlab.Namespace) node {
	n := node{id: ns.ID, path: ns.Path, group: ns.Kind == gitlab.GroupNamespace}
	if ns.ParentID != nil {
		n.parent = *ns.ParentID
	}
	return n
}

// fetch reads the namespaces that are not known yet.
func (t *tree) fetch(ctx context.Context, ids []gitlab.ID) error {
	t.mu.Lock()
	var keys []table.Key
	for _, id := range ids {
		_, listed := t.listed[id]
		if _, found := t.found[id]; !listed && !found && id != 0 {
			keys = append(keys, layout.OwnKey(layout.KindNamespace, id))
		}
	}
	t.mu.Unlock()
	if len(keys) == 0 {
		return nil
	}
	records, err := t.store.Records(ctx, keys)
	if err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, id := range ids {
		if r := records[layout.OwnKey(layout.KindNamespace, id)]; r != nil {
			// What is not there is not noted: a namespace that somebody makes meanwhile is found by the next look.
			if ns, ok := r.Value().(*record.PlacedNamespace); ok {
				t.found[id] = nodeOf(&ns.Namespace)
			}
		}
	}
	return nil
}

// node returns a namespace, one with id 0 when there is none.
func (t *tree) node(ctx context.Context, id gitlab.ID) (node, error) {
	// The second round looks at what the first one has fetched.
	for range 2 {
		t.mu.Lock()
		n, ok := t.listed[id]
		if !ok {
			n, ok = t.found[id]
		}
		t.mu.Unlock()
		if ok {
			return n, nil
		}
		if err := t.fetch(ctx, []gitlab.ID{id}); err != nil {
			return node{}, err
		}
	}
	return node{}, nil
}

// above returns the chain that ends with a namespace, the top-level one first. It is cut off above maxDepth, so one
// that is longer than that is too deep, or runs in a circle.
func (t *tree) above(ctx context.Context, id gitlab.ID) ([]node, error) {
	var upward []node
	for id != 0 && len(upward) <= maxDepth {
		n, err := t.node(ctx, id)
		if err != nil {
			return nil, err
		}
		if n.id == 0 {
			break
		}
		upward = append(upward, n)
		id = n.parent
	}
	slices.Reverse(upward)
	return upward, nil
}

// place returns the ids above a record in a namespace, 0 for the top level, and the record's full path.
func (t *tree) place(ctx context.Context, parent gitlab.ID, segment string) ([]gitlab.ID, string, error) {
	chain, err := t.above(ctx, parent)
	if err != nil {
		return nil, "", err
	}
	var ids []gitlab.ID
	path := ""
	for _, n := range chain {
		ids = append(ids, n.id)
		path += n.path + "/"
	}
	return ids, path + segment, nil
}

// check judges where the namespaces of the document lie, and notes how deep.
func (t *tree) check(ctx context.Context, r *run) error {
	t.depths = make([]uint8, len(r.doc.Section("namespaces").Starts))
	// Depths count from the table's tree as well as the document's: a level is written when the one above it is there.
	for id, n := range t.listed {
		chain, err := t.above(ctx, id)
		if err != nil {
			return err
		}
		place := r.doc.Section("namespaces").Place(int(n.index)) + ".parent_id"
		switch {
		case len(chain) > maxDepth:
			r.m.Add(place, "must not lead back to the group itself, nor deeper than %d levels", maxDepth)
			continue
		case len(chain) > 1 && !chain[len(chain)-2].group:
			r.m.Add(place, "must be a group")
		}
		t.depths[n.index] = uint8(len(chain) - 1)
	}
	return nil
}
