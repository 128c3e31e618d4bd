package directory

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"reflect"
	"slices"

	"postern/shared/directory/document"
	"postern/shared/gitlab"
	"postern/shared/store/record"
)

// Change is what applying a document would do to one record.
type Change struct {
	Place    string         `json:"place"` // in the document, of what brings the change about
	Kind     string         `json:"kind"`  // the name of the array that the record belongs to
	Identity map[string]any `json:"identity,omitempty"`
	Outcome  string         `json:"outcome"` // created, updated, removed
	// Fields are those of an updated record that would change. Secret ones are named, and their values not told.
	Fields map[string]FieldChange `json:"fields,omitempty"`
}

// FieldChange is a field's value before and after.
type FieldChange struct {
	From any `json:"from"`
	To   any `json:"to"`
}

// changesListed bounds how many changes an answer lists, so that the answer of a large document still fits.
const changesListed = 1000

// untold takes the place of secret values.
const untold = "(secret)"

// preview tells what writing the document would do. It runs the plans that writing runs, and only reads.
func (r *run) preview(ctx context.Context) (Result, error) {
	// Plans that look further than a check needs to do so from here on.
	r.seeing = true
	p := &preview{result: Result{DryRun: true}}
	if err := r.previewInstallation(ctx, p); err != nil {
		return Result{}, err
	}
	for _, k := range r.kinds {
		if err := r.previewKind(ctx, p, k); err != nil {
			return Result{}, err
		}
	}
	for _, k := range slices.Backward(r.kinds) {
		if err := r.previewRemovals(ctx, p, k); err != nil {
			return Result{}, err
		}
	}
	p.result.Counts = r.tally.counts
	return p.result, nil
}

// preview collects what would change.
type preview struct{ result Result }

// add lists a change, as long as there is room.
func (p *preview) add(c Change) {
	if len(p.result.Changes) == changesListed {
		p.result.MoreChanges++
		return
	}
	p.result.Changes = append(p.result.Changes, c)
}

// previewKind plans the records of an array.
func (r *run) previewKind(ctx context.Context, p *preview, k kind) error {
	sec := r.doc.Section(k.name())
	return r.doc.Each(ctx, sec, 0, len(sec.Starts), portionSize, func(portion []document.Raw) error {
		plans, err := r.planned(ctx, k, portion)
		if err != nil {
			return err
		}
		for _, one := range plans {
			o := one.outcome()
			r.tally.add(k.name(), o)
			// What stays as it is is only counted, as a document is mostly that.
			if o != unchanged {
				p.add(describe(one.Place, k.name(), k.identityFields(), one.before, one.value))
			}
			p.carried(one)
		}
		return nil
	})
}

// carried lists the personal namespaces that would be made or renamed with a user. Nobody counts them.
func (p *preview) carried(one *plan) {
	if _, user := one.value.(*gitlab.User); !user {
		return
	}
	for _, c := range one.changes {
		ns, ok := c.New.Value().(*record.PlacedNamespace)
		if !ok {
			continue
		}
		var before any
		if c.Old != nil {
			before = c.Old.Value()
		}
		p.add(describe(one.Place, "namespaces", []string{"id"}, before, ns))
	}
}

// previewInstallation plans settings and storages.
func (r *run) previewInstallation(ctx context.Context, p *preview) error {
	in, err := r.planInstallation(ctx, &document.Mistakes{})
	if err != nil {
		return err
	}
	r.countInstallation(in)
	was := record.Installation{Settings: record.Settings{Instance: gitlab.DefaultInstance()}}
	if in.change.Old != nil {
		if stored, ok := in.change.Old.Value().(*record.Installation); ok {
			was = *stored
		}
	}
	if o := in.instance; o != nil && *o != unchanged {
		before := &instance{Instance: was.Instance, Broadcasts: was.Broadcasts}
		c := describe("instance", "instance", nil, before, &instance{Instance: in.next.Instance, Broadcasts: in.next.Broadcasts})
		c.Outcome = o.String() // described for the first time, it is still compared with the defaults
		p.add(c)
	}
	for _, name := range slices.Sorted(maps.Keys(in.storages)) {
		if o := in.storages[name]; o != unchanged {
			next := in.next.Storages[name]
			var before any
			if stored, ok := was.Storages[name]; ok {
				before = &stored
			}
			p.add(describe("storages", "storages", storages().identity, before, &next))
		}
	}
	return r.previewStorages(ctx, p, was.Storages)
}

// previewStorages looks for the storages of "remove".
func (r *run) previewStorages(ctx context.Context, p *preview, stored map[string]gitlab.Storage) error {
	gone, err := r.goneStorages(ctx, &document.Mistakes{})
	for _, name := range slices.Sorted(maps.Keys(gone)) {
		if _, ok := stored[name]; ok {
			r.tally.add("storages", removed)
			p.add(Change{Place: gone[name], Kind: "storages", Identity: map[string]any{"name": name}, Outcome: removed.String()})
		}
	}
	return err
}

// previewRemovals looks for the records of one array of "remove".
func (r *run) previewRemovals(ctx context.Context, p *preview, k kind) error {
	sec := r.doc.Section("remove." + k.name())
	return r.doc.Each(ctx, sec, 0, len(sec.Starts), portionSize, func(portion []document.Raw) error {
		there, err := k.present(ctx, r, portion)
		if err != nil {
			return err
		}
		for i, rec := range portion {
			key, _ := k.identify(rec, &document.Mistakes{})
			// What is not there is no change.
			if !there[i] || r.removed[digestOf(key)].index != uint32(rec.Index) { // named twice, it is removed once
				continue
			}
			r.tally.add(k.name(), removed)
			var identity map[string]any
			if err := json.Unmarshal(rec.Data, &identity); err != nil {
				return err
			}
			p.add(Change{Place: rec.Place, Kind: k.name(), Identity: identity, Outcome: removed.String()})
		}
		return nil
	})
}

// describe tells a record before and after, pointers to the same struct; before is nil for one that is new.
func describe(place, kind string, identity []string, before, after any) Change {
	next := reflect.ValueOf(after).Elem()
	s := document.SchemaOf(next.Type())
	c := Change{Place: place, Kind: kind, Outcome: created.String()}
	for _, name := range identity {
		if field := next.FieldByIndex(s.ByName[name].Index); !field.IsZero() {
			if c.Identity == nil {
				c.Identity = map[string]any{}
			}
			c.Identity[name] = field.Interface()
		}
	}
	if before == nil || reflect.ValueOf(before).IsNil() {
		return c
	}
	c.Outcome, c.Fields = updated.String(), map[string]FieldChange{}
	was := reflect.ValueOf(before).Elem()
	for i := range s.Fields {
		f := &s.Fields[i]
		from, to := was.FieldByIndex(f.Index).Interface(), next.FieldByIndex(f.Index).Interface()
		switch {
		case alike(from, to):
		// That it changes is told, because that may be what somebody wants to see.
		case f.Token || document.Secrets[s.Name+"."+f.Name]:
			c.Fields[f.Name] = FieldChange{From: untold, To: untold}
		default:
			c.Fields[f.Name] = FieldChange{From: from, To: to}
		}
	}
	return c
}

// alike reports whether two values of a field are the same to a document.
func alike(a, b any) bool {
	// As documents say them: a nil list and an empty one, or two pointers to one value, are no difference.
	one, err := json.Marshal(a)
	if err != nil {
		return false
	}
	other, err := json.Marshal(b)
	return err == nil && bytes.Equal(one, other)
}

// String names an outcome.
func (o outcome) String() string { return [...]string{"unchanged", "created", "updated", "removed"}[o] }
