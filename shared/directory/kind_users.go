package directory

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"postern/shared/directory/document"
	"postern/shared/gitlab"
	"postern/shared/store/layout"
	"postern/shared/store/record"
	"postern/shared/table"
)

// ownNamespaces is where the ids begin that the service gives to personal namespaces: a user's is this plus the user's
// id. People give smaller ones.
const ownNamespaces = record.FirstID

// users come first of all kinds. A user is active, confirmed and may create projects unless the document says otherwise.
func users() kind {
	return &records[gitlab.User]{
		array:    "users",
		identity: []string{"id"},
		fresh: func(now time.Time) gitlab.User {
			u := gitlab.DefaultUser()
			u.ConfirmedAt = &now
			return u
		},
		record: record.UserRecord,
		settle: func(_ *run, e *entry[gitlab.User]) {
			// Whoever says what state an account is in takes it out of the identity provider's hands.
			if e.fields.Given("state") {
				e.next.SCIMBlocked = false
			}
		},
		extend: func(ctx context.Context, r *run, entries []*entry[gitlab.User]) error {
			if r.writing {
				if err := r.postpone(ctx, entries); err != nil {
					return err
				}
			}
			return r.carry(ctx, entries)
		},
	}
}

// carry adds what becomes of personal namespaces: a new user gets one, and it follows a new username as long as it
// bears the old one. Namespaces that the document lists are left to it.
func (r *run) carry(ctx context.Context, entries []*entry[gitlab.User]) error {
	var keys []table.Key
	for _, e := range entries {
		// Only a rename touches a namespace that is there.
		if e.old != nil && e.old.NamespaceID != 0 && e.old.Username != e.next.Username {
			keys = append(keys, layout.OwnKey(layout.KindNamespace, e.old.NamespaceID))
		}
	}
	found, err := r.store.Records(ctx, keys)
	if err != nil {
		return err
	}
	for _, e := range entries {
		switch {
		// A new user whose namespace the document lists gets that one, and not another beside it.
		case e.next.NamespaceID == 0 && !r.owners[e.next.ID]:
			ns := record.PersonalNamespace(e.next)
			e.next.NamespaceID = ns.ID
			e.more = append(e.more, record.Change{New: record.NamespaceRecord(ns)})
		case e.next.NamespaceID != 0:
			if c, ok := r.follow(found[layout.OwnKey(layout.KindNamespace, e.next.NamespaceID)], e); ok {
				e.more = append(e.more, c)
			}
		}
	}
	return nil
}

// follow renames a personal namespace with its user.
func (r *run) follow(stored *record.Record, e *entry[gitlab.User]) (record.Change, bool) {
	if stored == nil || r.pathGiven(e.next.NamespaceID) {
		return record.Change{}, false
	}
	was, ok := stored.Value().(*record.PlacedNamespace)
	// A namespace that was renamed apart from its user has a life of its own.
	if !ok || !strings.EqualFold(was.Path, e.old.Username) {
		return record.Change{}, false
	}
	// A name that somebody has chosen stays, one that was made of the path goes with it.
	ns := *was
	if ns.Name == ns.Path {
		ns.Name = e.next.Username
	}
	ns.Path = e.next.Username
	ns.Place = ns.Moved(nil, ns.Path)
	if !r.writing {
		r.carried[digestOf(stored.Key())] = spot{0, uint32(e.Index)}
		r.follows[ns.ID] = ns.Path
	}
	return record.Change{Old: stored, New: record.NamespaceRecord(&ns)}, true
}

// pathGiven reports whether the document itself says what the path of a namespace is.
func (r *run) pathGiven(ns gitlab.ID) bool { return r.paths[ns] }

// listOwners notes, before anything else is looked at, whose personal namespaces the document lists.
func (r *run) listOwners(ctx context.Context) error {
	sec := r.doc.Section("namespaces")
	return r.doc.Each(ctx, sec, 0, len(sec.Starts), portionSize, func(portion []document.Raw) error {
		for _, rec := range portion {
			var ns struct {
				ID      gitlab.ID  `json:"id"`
				OwnerID *gitlab.ID `json:"owner_id"`
				Path    *string    `json:"path"`
			}
			// Read with a struct of three fields, because this is one pass more over all namespaces.
			if json.Unmarshal(rec.Data, &ns) != nil {
				continue // it is judged when it has its turn
			}
			if ns.OwnerID != nil {
				r.owners[*ns.OwnerID] = true
			}
			if ns.Path != nil {
				r.paths[ns.ID] = true
			}
		}
		return nil
	})
}
