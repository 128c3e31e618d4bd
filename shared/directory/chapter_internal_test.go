package directory

import (
	"slices"
	"testing"
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
