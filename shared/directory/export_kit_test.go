package directory_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"postern/shared/directory"
)

// whole exports a table as one document.
func (tab table) whole() (string, map[string]int) {
	tab.t.Helper()
	var out bytes.Buffer
	omitted, err := directory.Export(tab.t.Context(), tab.reading, directory.NewWriter(&out))
	if err != nil {
		tab.t.Fatalf("export: %v", err)
	}
	if !json.Valid(out.Bytes()) {
		tab.t.Fatalf("the export is no JSON: %s", out.String())
	}
	return out.String(), omitted
}

// state is the table's items without what is no part of the directory: versions, and when things were used.
func (tab table) state() map[string]map[string]any {
	tab.t.Helper()
	all := tab.kit.All(tab.t)
	for place, item := range all {
		for _, name := range []string{"v", "last_used_at", "last_activity_on", "last_activity_at"} {
			delete(item, name)
		}
		switch {
		case strings.HasPrefix(place, "counter#"):
			delete(all, place)
		case item["sk"] == "user":
			delete(item, "otp_secret")
		case item["sk"] == "settings":
			forgetSecrets(item)
		case item["sk"] == "key" && item["type"] == "deploy_key":
			delete(item, "created_at") // which no document says
		case strings.HasPrefix(place, "exclusions/ns#"):
			delete(item, "id") // the service gives out another one
		case strings.HasPrefix(place, "exclusions/"), strings.Contains(place, "/mropen#") && len(item) == 2: // nothing is open any more
			delete(all, place)
		}
	}
	return all
}

// forgetSecrets leaves out what an export leaves out of the settings.
func forgetSecrets(settings map[string]any) {
	delete(settings, "error_tracking_access_token")
	storages, _ := settings["storages"].(map[string]any)
	for _, storage := range storages {
		if fields, ok := storage.(map[string]any); ok {
			delete(fields, "token")
		}
	}
}

// restored is another table with the export of this one.
func (tab table) restored() table {
	tab.t.Helper()
	document, _ := tab.whole()
	again := opened(tab.t)
	again.applied(document)
	return again
}

func sameState(t rapid.TB, got, want map[string]map[string]any) {
	t.Helper()
	for _, place := range slices.Sorted(maps.Keys(want)) {
		if !reflect.DeepEqual(got[place], want[place]) {
			t.Errorf("%s is\n     %v\nwant %v", place, got[place], want[place])
		}
	}
	for place := range got {
		if want[place] == nil {
			t.Errorf("%s is there: %v", place, got[place])
		}
	}
}

// everything are documents that make a record of each kind, in two states.
func everything() (plain, full []string) {
	for _, s := range samples() {
		plain = append(plain, listing(s.array, members(s.identity, s.needs)))
		full = append(full, listing(s.array, members(s.identity, s.needs, s.other)))
	}
	return plain, full
}

func (tab table) survives(t *testing.T) {
	t.Helper()
	tab = tab.with(t)
	first, _ := tab.whole()
	again := tab.restored()
	if second, _ := again.whole(); first != second {
		t.Errorf("exported  %s\nand again %s", first, second)
	}
	sameState(t, again.state(), tab.state())
	for kind, c := range tab.apply(first).Counts {
		if c.Created+c.Updated+c.Removed > 0 {
			t.Errorf("loaded where it came from: %s %+v", kind, c)
		}
	}
}

// forgetPaths leaves out what records remember of their old paths, which documents call redirects.
func forgetPaths(state map[string]map[string]any) {
	for place, item := range state {
		for _, name := range []string{"paths", "redirects", "from", "chain"} {
			delete(item, name)
		}
		if strings.HasPrefix(place, "path#") {
			delete(state, place)
		}
	}
}
