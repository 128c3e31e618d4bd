package directory

import (
	"slices"
	"strings"
	"testing"

	"postern/shared/gitlab"
	"postern/shared/store/record"
)

// Every kind that the loader knows is exported, and the records of one array follow each other.
func TestChaptersAreTheKinds(t *testing.T) {
	want := []string{"instance", "storages"}
	for _, k := range kinds() {
		want = append(want, k.name())
	}
	got := arrays()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("exported %v\nloaded   %v", got, want)
	}
}

func TestWhatIsGoneIsNotExported(t *testing.T) {
	tests := []struct {
		name   string
		record *record.Record
		tell   func(*record.Record) []any
		told   int
	}{
		{"an identity", record.SCIMIdentityRecord(&gitlab.SCIMIdentity{ExternUID: "u", UserID: 1}), tellIdentity, 1},
		{"an identity that was deleted", record.SCIMIdentityRecord(&gitlab.SCIMIdentity{ExternUID: "u", UserID: 1, Deleted: true}), tellIdentity, 0},
		{"a ref", record.RefRecord(&gitlab.Ref{ProjectID: 7, Name: "refs/heads/a", Target: strings.Repeat("a", 40)}), tellRef, 1},
		{"a ref that is gone", record.RefRecord(&gitlab.Ref{ProjectID: 7, Name: "refs/heads/a", Target: strings.Repeat("0", 40)}), tellRef, 0},
		{"a ref that JSON cannot name", record.RefRecord(&gitlab.Ref{ProjectID: 7, Name: "refs/heads/\xff", Target: strings.Repeat("a", 40)}), tellRef, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := test.tell(test.record); len(got) != test.told {
				t.Errorf("told %v", got)
			}
		})
	}
}
