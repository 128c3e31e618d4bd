package directory_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"postern/shared/directory"
)

// However much there is, pages stay small, each goes on where the one before has ended, and nothing comes twice or not at all.
func TestPagesGoOn(t *testing.T) {
	const users, refs = 1200, 1700
	var document strings.Builder
	document.WriteString(`{"users": [`)
	for i := range users {
		fmt.Fprintf(&document, `{"id": %d, "username": "u%[1]d", "name": "U", "email": "u%[1]d@example.com"},`, i+100)
	}
	document.WriteString(`{"id": 1, "username": "ann", "name": "Ann", "email": "ann@example.com"}], "refs": [`)
	for i := range refs {
		fmt.Fprintf(&document, `{"project_id": 7, "ref": "refs/heads/b%d", "target": "%040d"},`, i, i+1)
	}
	document.WriteString(`{"project_id": 8, "ref": "refs/heads/main", "target": "` + strings.Repeat("a", 40) + `"}]}`)
	tab := opened(t, ground)
	tab.apply(document.String())

	count, seen, pages := map[string]int{}, map[string]bool{}, 0
	for place, first := "", true; first || place != ""; first = false {
		page, err := directory.ExportPage(t.Context(), tab.reading, place)
		if err != nil {
			t.Fatal(err)
		}
		records := 0
		delete(page.Document, "instance") // which is no array
		for array, list := range page.Document {
			for _, raw := range list.([]json.RawMessage) {
				records++
				count[array]++
				if seen[array+string(raw)] {
					t.Errorf("%s comes twice: %s", array, raw)
				}
				seen[array+string(raw)] = true
			}
		}
		if pages++; records > 1400 || place == page.Next {
			t.Fatalf("page %d has %d records, and goes on from %q to %q", pages, records, place, page.Next)
		}
		place = page.Next
	}
	if count["users"] != users+2 || count["refs"] != refs+1 || count["namespaces"] != users+2+2 || pages < 4 {
		t.Errorf("%v in %d pages", count, pages)
	}
	if document, _ := tab.whole(); strings.Count(document, `"ref":`) != refs+1 || strings.Count(document, `"users": [`) != 1 {
		t.Error("the pages do not join to one document")
	}
}

func TestPagesFromNowhere(t *testing.T) {
	tab := opened(t)
	for _, place := range []string{"x", "e30x", "eyJjIjotMX0", "eyJjIjo5OTl9", "eyJwIjoxNn0"} {
		if _, err := directory.ExportPage(t.Context(), tab.reading, place); !errors.Is(err, directory.ErrCursor) {
			t.Errorf("%s: %v", place, err)
		}
	}
}
