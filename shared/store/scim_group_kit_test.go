package store_test

import (
	"context"
	"slices"

	"postern/shared/store"
	"postern/shared/store/tenants"
)

func (w *world) group(a tenants.SCIMAccess, name string, members ...string) tenants.SCIMGroup {
	w.t.Helper()
	g, err := w.reader.CreateSCIMGroup(w.t.Context(), a, tenants.NewSCIMGroup{DisplayName: name, Members: members})
	if err != nil {
		w.t.Fatalf("create %s: %v", name, err)
	}
	return g
}

func (w *world) changeGroup(a tenants.SCIMAccess, id string, c tenants.SCIMGroupChange) error {
	g, err := w.reader.LoadSCIMGroup(w.t.Context(), a, id, tenants.SCIMMembers{})
	if err != nil {
		return err
	}
	_, err = w.reader.ChangeSCIMGroup(w.t.Context(), a, g, c)
	return err
}

func (w *world) deleteGroup(a tenants.SCIMAccess, id string) error {
	g, err := w.reader.LoadSCIMGroup(w.t.Context(), a, id, tenants.SCIMMembers{})
	if err != nil {
		return err
	}
	return w.reader.DeleteSCIMGroup(w.t.Context(), a, g)
}

// members lists the external UIDs of a group's members, in order.
func (w *world) members(a tenants.SCIMAccess, id string) []string {
	w.t.Helper()
	g, err := w.reader.LoadSCIMGroup(w.t.Context(), a, id, tenants.SCIMMembers{All: true})
	if err != nil {
		w.t.Fatalf("load group: %v", err)
	}
	var list []string
	for _, m := range g.Members {
		list = append(list, m.UID)
	}
	slices.Sort(list)
	return list
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func changeGroup(ctx context.Context, s *store.Store, id string, c tenants.SCIMGroupChange) error {
	g, err := s.LoadSCIMGroup(ctx, acme, id, tenants.SCIMMembers{})
	if err != nil {
		return err
	}
	_, err = s.ChangeSCIMGroup(ctx, acme, g, c)
	return err
}

func createGroup(ctx context.Context, s *store.Store, name string, members ...string) error {
	_, err := s.CreateSCIMGroup(ctx, acme, tenants.NewSCIMGroup{DisplayName: name, Members: members})
	return err
}

func deleteGroup(ctx context.Context, s *store.Store, id string) error {
	g, err := s.LoadSCIMGroup(ctx, acme, id, tenants.SCIMMembers{})
	if err != nil {
		return err
	}
	return s.DeleteSCIMGroup(ctx, acme, g)
}
