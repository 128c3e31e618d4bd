package record

import "testing"

func TestMergeRequestSourceKeyEscapesTheBranch(t *testing.T) {
	if got := mergeRequestSourceKey(8, "a#1", 7, 2).String(); got != "project#8/mrsource#a%231#7#2" {
		t.Errorf("got %s", got)
	}
}
