package directory

import (
	"context"
	"errors"
	"fmt"

	"postern/shared/directory/document"
	"postern/shared/store/record"
	"postern/shared/table"
)

// writeInstallation writes settings and storages in one transaction.
func (r *run) writeInstallation(ctx context.Context) error {
	// Without this, every document would write the defaults, and count as the first description of the installation.
	if len(r.doc.Section("instance").Starts)+len(r.doc.Section("storages").Starts) == 0 {
		return nil
	}
	for attempt := 1; ; attempt++ {
		// Planned anew each time: what somebody else has written meanwhile is kept where the document does not speak of it.
		in, err := r.planInstallation(ctx, &document.Mistakes{})
		if err == nil {
			err = r.store.Apply(ctx, in.change)
		}
		switch {
		case err == nil:
			r.countInstallation(in)
			return nil
		case !errors.Is(err, table.ErrConflict) || attempt == tries:
			return fmt.Errorf("directory: instance: %w", err)
		}
		if err := pause(ctx, attempt); err != nil {
			return err
		}
	}
}

// countInstallation counts settings as one record, and each storage as one.
func (r *run) countInstallation(in *installation) {
	if in.instance != nil {
		r.tally.add("instance", *in.instance)
	}
	for _, o := range in.storages {
		r.tally.add("storages", o)
	}
}

// removeStorages removes storages from the settings.
//
// They go last of all, when nothing that the document removes can name them any more.
func (r *run) removeStorages(ctx context.Context) error {
	gone, err := r.goneStorages(ctx, &document.Mistakes{})
	if err != nil || len(gone) == 0 {
		return err
	}
	for attempt := 1; ; attempt++ {
		in, err := r.storedInstallation(ctx)
		// Without a record there are no storages, so there is nothing to remove.
		if err != nil || in.change.Old == nil {
			return err
		}
		// Counted once it is written: an attempt that fails removes nothing.
		count := 0
		for name := range gone {
			if _, ok := in.next.Storages[name]; ok {
				delete(in.next.Storages, name)
				count++
			}
		}
		in.change.New = record.InstallationRecord(in.next)
		err = r.store.Apply(ctx, in.change)
		if err == nil {
			for range count {
				r.tally.add("storages", removed)
			}
			return nil
		}
		if !errors.Is(err, table.ErrConflict) || attempt == tries {
			return fmt.Errorf("directory: storages: %w", err)
		}
		if err := pause(ctx, attempt); err != nil {
			return err
		}
	}
}
