package directory

import (
	"context"
	"maps"
	"reflect"

	"postern/shared/directory/document"
	"postern/shared/gitlab"
	"postern/shared/store/record"
	"postern/shared/table"
)

// Settings, messages and storages of the installation are one record, which is read and written whole.

// instance is the installation's settings as documents have them.
//
// Several records of a document are one of the table here, because requests read all of it at once and it must never be
// seen half changed.
type instance struct {
	gitlab.Instance
	// messages to users; a list replaces the list before
	Broadcasts []gitlab.Broadcast `json:"broadcast_messages"`
}

// installation is what a document makes of the record.
type installation struct {
	change   record.Change
	instance *outcome // nil when the document does not speak of it
	storages map[string]outcome
	next     *record.Installation
}

// planInstallation puts the document's settings and storages into what is stored.
func (r *run) planInstallation(ctx context.Context, m *document.Mistakes) (*installation, error) {
	in, err := r.storedInstallation(ctx)
	if err != nil {
		return nil, err
	}
	if err := r.mergeInstance(ctx, in, m); err != nil {
		return nil, err
	}
	if err := r.mergeStorages(ctx, in, m); err != nil {
		return nil, err
	}
	in.change.New = record.InstallationRecord(in.next)
	if in.change.New.Fits() != nil {
		m.Add("instance", "is too large, with its storages and messages")
	}
	return in, nil
}

// storedInstallation reads the record as it is. An installation that no document has described has the defaults, and a
// change of it creates the record.
func (r *run) storedInstallation(ctx context.Context) (*installation, error) {
	next := &record.Installation{Settings: record.Settings{Instance: gitlab.DefaultInstance()}}
	key := record.InstallationRecord(next).Key()
	found, err := r.store.Records(ctx, []table.Key{key})
	if err != nil {
		return nil, err
	}
	in := &installation{change: record.Change{Old: found[key]}, storages: map[string]outcome{}, next: next}
	if found[key] != nil {
		if stored, ok := found[key].Value().(*record.Installation); ok {
			*in.next = *stored
		}
	}
	// The stored record is compared with the new one, so its map must not be the one that is changed.
	in.next.Storages = maps.Clone(in.next.Storages)
	if in.next.Storages == nil {
		in.next.Storages = map[string]gitlab.Storage{}
	}
	return in, nil
}

// mergeInstance puts the document's settings and messages into the record. A list of messages replaces the one before.
func (r *run) mergeInstance(ctx context.Context, in *installation, m *document.Mistakes) error {
	sec := r.doc.Section("instance")
	return r.doc.Each(ctx, sec, 0, len(sec.Starts), 1, func(one []document.Raw) error {
		fields := document.Parse(one[0].Data, one[0].Place, m)
		if fields == nil {
			return nil
		}
		was := instance{Instance: in.next.Instance, Broadcasts: in.next.Broadcasts}
		next := was
		defaults := instance{Instance: gitlab.DefaultInstance()}
		document.SchemaOf(reflect.TypeFor[instance]()).Merge(
			reflect.ValueOf(&next).Elem(), reflect.ValueOf(&defaults).Elem(), fields, one[0].Place, false, m)
		in.next.Instance, in.next.Broadcasts = next.Instance, next.Broadcasts
		o := changed(in.change.Old == nil, was, next)
		in.instance = &o
		return nil
	})
}

// mergeStorages puts the document's storages into the record, by name. Those that it does not list stay.
func (r *run) mergeStorages(ctx context.Context, in *installation, m *document.Mistakes) error {
	k := storages()
	seen := map[string]int{}
	sec := r.doc.Section("storages")
	return r.doc.Each(ctx, sec, 0, len(sec.Starts), portionSize, func(portion []document.Raw) error {
		for _, rec := range portion {
			fields := document.Parse(rec.Data, rec.Place, m)
			if fields == nil {
				continue
			}
			identity, ok := k.identified(rec, fields, m)
			if !ok {
				continue
			}
			if other, twice := seen[identity.Name]; twice {
				m.Add(rec.Place, "is the same record as %s", sec.Place(other))
			}
			seen[identity.Name] = rec.Index
			// Of the record as the document has changed it so far; a name that comes twice is a mistake above.
			was, stored := in.next.Storages[identity.Name]
			next := was
			next.Name = identity.Name
			document.SchemaOf(reflect.TypeFor[gitlab.Storage]()).Merge(
				reflect.ValueOf(&next).Elem(), reflect.ValueOf(&gitlab.Storage{}).Elem(), fields, rec.Place, !stored, m)
			in.next.Storages[identity.Name] = next
			in.storages[identity.Name] = changed(!stored, was, next)
		}
		return nil
	})
}

// changed tells what becomes of a part of the record.
func changed(fresh bool, was, next any) outcome {
	switch {
	case fresh:
		return created
	case reflect.DeepEqual(was, next):
		return unchanged
	}
	return updated
}

// storages reads the identities of storages.
func storages() *records[gitlab.Storage] {
	return &records[gitlab.Storage]{
		array:    "storages",
		identity: []string{"name"},
		key:      func(s *gitlab.Storage) table.Key { return table.Key{PK: "storage", SK: s.Name} },
	}
}

// checkInstallation judges settings and storages, and notes which storages there will be.
func (r *run) checkInstallation(ctx context.Context) error {
	in, err := r.planInstallation(ctx, &r.m)
	if err != nil {
		return err
	}
	gone, err := r.goneStorages(ctx, &r.m)
	if err != nil {
		return err
	}
	r.storages = map[string]bool{}
	for name := range in.next.Storages {
		r.storages[name] = true
	}
	for name, place := range gone {
		if _, listed := in.storages[name]; listed {
			r.m.Add(place, "is also listed by storages")
		}
		// Nothing may name it any more, not even a project that is there already.
		delete(r.storages, name)
	}
	// The default's default may be missing: an installation without storages is one that is still being set up.
	if in.instance != nil && in.next.DefaultStorage != gitlab.DefaultInstance().DefaultStorage {
		r.checkStorage("instance.default_storage", in.next.DefaultStorage, &r.m)
	}
	return nil
}

// checkStorage judges the name of a storage that a record names.
func (r *run) checkStorage(place, name string, m *document.Mistakes) {
	if !r.storages[name] {
		m.Add(place, "names a storage that does not exist")
	}
}

// goneStorages returns the storages that the document removes, and where it says so.
func (r *run) goneStorages(ctx context.Context, m *document.Mistakes) (map[string]string, error) {
	k := storages()
	gone := map[string]string{}
	sec := r.doc.Section("remove.storages")
	err := r.doc.Each(ctx, sec, 0, len(sec.Starts), portionSize, func(portion []document.Raw) error {
		for _, rec := range portion {
			if key, ok := k.identify(rec, m); ok {
				gone[key.SK] = rec.Place
			}
		}
		return nil
	})
	return gone, err
}
