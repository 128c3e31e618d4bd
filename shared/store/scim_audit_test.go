package store_test

import (
	"encoding/json"
	"testing"
	"time"

	"postern/shared/gitlab"
	"postern/shared/store/tenants"
)

func TestWhatAnIdentityProviderDidIsKept(t *testing.T) {
	w := newWorld(t, provisioned)
	began := time.Now().Add(-time.Second)
	renamed := "z-2"
	w.create(acme, newcomer("zoe"))
	linked := newcomer("x")
	linked.Email = "gus@example.com"
	w.create(acme, linked)
	w.change(acme, "zoe", tenants.SCIMChange{Active: &no})
	w.change(acme, "zoe", tenants.SCIMChange{Active: &yes})
	w.change(acme, "zoe", tenants.SCIMChange{Active: &yes}) // changes nothing
	w.change(acme, "zoe", tenants.SCIMChange{ExternUID: &renamed})
	w.delete(acme, "z-2")
	w.create(acme, newcomer("z-2"))
	g := w.group(acme, "Ops", "z-2")
	w.must(w.changeGroup(acme, g.ID, tenants.SCIMGroupChange{Remove: []string{"z-2"}}))
	w.must(w.deleteGroup(acme, g.ID))
	w.change(instance, "i-gus", tenants.SCIMChange{Active: &no})
	if _, err := create(t.Context(), w.reader, acme, tenants.NewSCIMUser{ExternUID: "y", Username: "y", Email: "new@example.com", Name: "Y"}); err == nil {
		t.Fatal("it was to be refused")
	}

	events, err := w.reader.AuditedChanges(t.Context(), "20", began, time.Now(), 100)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		tenants.SCIMCreated, tenants.SCIMLinked, tenants.SCIMDeactivated, tenants.SCIMActivated, tenants.SCIMRenamed, tenants.SCIMDeleted, tenants.SCIMRestored,
		tenants.SCIMGroupCreated, tenants.SCIMGroupChanged, tenants.SCIMGroupDeleted,
	}
	if len(events) != len(want) {
		t.Fatalf("%d changes, want %d", len(events), len(want))
	}
	before, after := make([]tenants.SCIMState, len(want)), make([]tenants.SCIMState, len(want))
	for i, e := range events {
		if e.Action != want[i] || e.RequestID != "req-1" || e.Token != acme.Digest[:12] {
			t.Errorf("change %d is %+v, want %s", i, e, want[i])
		}
		before[i], after[i] = shownState(t, e.Before), shownState(t, e.After)
	}
	if events[0].Before != "" || after[0].Username != "zoe" || after[0].AccessLevel != 30 || !after[0].Active || after[0].UserID == 0 {
		t.Errorf("created %+v", after[0])
	}
	if !before[2].Active || after[2].Active || before[2].AccessLevel != 30 || after[2].AccessLevel != 0 {
		t.Errorf("deactivated from %+v to %+v", before[2], after[2])
	}
	if before[4].ExternUID != "zoe" || after[4].ExternUID != "z-2" || before[5].Deleted || !after[5].Deleted {
		t.Errorf("renamed from %+v to %+v, deleted to %+v", before[4], after[4], after[5])
	}
	if after[7].DisplayName != "Ops" || len(after[7].Joined) != 1 || before[8].Left[0] != "z-2" || events[9].After != "" || after[7].GroupID == 0 {
		t.Errorf("group: %+v, %+v, %+v", after[7], before[8], events[9])
	}
	of, err := w.reader.AuditedChanges(t.Context(), "instance", began, time.Now(), 100)
	if err != nil || len(of) != 1 || shownState(t, of[0].After).State != gitlab.UserBlocked {
		t.Errorf("the instance's: %+v, %v", of, err)
	}
	part, err := w.reader.AuditedChanges(t.Context(), "20", events[2].At, events[4].At, 100)
	if err != nil || len(part) != 2 || part[0].Action != tenants.SCIMDeactivated {
		t.Errorf("between two times: %+v, %v", part, err)
	}
}

// shownState is what an audit record shows of one side of a change; of nothing, nothing.
func shownState(t *testing.T, shown string) (s tenants.SCIMState) {
	t.Helper()
	if shown == "" {
		return s
	}
	if err := json.Unmarshal([]byte(shown), &s); err != nil {
		t.Fatalf("state %s: %v", shown, err)
	}
	return s
}
