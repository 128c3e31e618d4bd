package directory_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"postern/shared/apitest"
	"postern/shared/directory"
	"postern/shared/gitlab"
	"postern/shared/store"
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

func sameState(t *testing.T, got, want map[string]map[string]any) {
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

func TestAnExportLoadsToTheSameState(t *testing.T) {
	plain, full := everything()
	rows := map[string][]string{
		"nothing":               nil,
		"the fixture":           {string(apitest.Fixture())},
		"every kind, plain":     append([]string{ground}, plain...),
		"every kind, in full":   append([]string{ground}, full...),
		"lists within a record": {ground, `{"instance": {"broadcast_messages": [{"message": "m", "starts_at": "2026-01-01T00:00:00Z", "ends_at": "2026-01-02T00:00:00Z", "show_in_cli": false}]}, "projects": [{"id": 7, "error_tracking_keys": [{"public_key": "k", "active": false}]}]}`},
		"a personal namespace of an id of its own": {`{"users": [{"id": 1, "username": "ann", "name": "Ann", "email": "ann@example.com"}],
			"namespaces": [{"id": 30, "kind": "user", "path": "elsewhere", "owner_id": 1}]}`},
	}
	for name, documents := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			opened(t, documents...).survives(t)
		})
	}
}

// Every array that the loader knows is in an export of a table that has a record of it.
func TestAnExportHasEveryKind(t *testing.T) {
	plain, _ := everything()
	document, _ := opened(t, append([]string{ground}, plain...)...).whole()
	exported := fields(t, document)
	for _, s := range samples() {
		if exported[s.array] == nil {
			t.Errorf("%s are not exported", s.array)
		}
	}
}

// Secrets that the table keeps as they were given stay there; of tokens it keeps digests, which an export has.
func TestAnExportHasNoSecretsInClear(t *testing.T) {
	tab := opened(t, previewed)
	document, omitted := tab.whole()
	for _, secret := range []string{"first-secret", "ABCDABCD"} {
		if strings.Contains(document, secret) {
			t.Errorf("%s is in %s", secret, document)
		}
	}
	want := map[string]int{"User.otp_secret": 1, "Storage.token": 1, "Instance.error_tracking_access_token": 1}
	if !reflect.DeepEqual(omitted, want) {
		t.Errorf("omitted %v, want %v", omitted, want)
	}
	if digest := gitlab.TokenDigest("first-secret"); !strings.Contains(document, `"token_digest":"`+digest+`"`) {
		t.Errorf("the digest of the token is not in %s", document)
	}
	found, err := tab.restored().LoadPersonalToken(t.Context(), gitlab.TokenDigest("first-secret"))
	if err != nil || found.User == nil || found.User.ID != 1 {
		t.Errorf("the token is %+v's (%v)", found.User, err)
	}
	tab.applied(document)
	if again := tab.user(1); again.OTPSecret == nil || *again.OTPSecret != "ABCDABCDABCDABCD" {
		t.Error("a secret is gone where the export was loaded again")
	}
}

// Names that were given up lead on as redirects, so that nobody's remote breaks.
func TestAnExportKeepsOldPaths(t *testing.T) {
	tab := opened(t, ground, `{"projects": [{"id": 7, "path": "first"}], "namespaces": [{"id": 20, "path": "old"}]}`,
		`{"projects": [{"id": 7, "path": "second"}], "namespaces": [{"id": 20, "path": "new"}]}`)
	again := tab.restored()
	for _, path := range []string{"new/second", "old/first", "acme/app"} {
		want, moved := tab.at(path)
		if got, gotMoved := again.at(path); got != want || gotMoved != moved || want != 7 {
			t.Errorf("%s leads to %d (moved: %t), and led to %d (%t)", path, got, gotMoved, want, moved)
		}
	}
	first, _ := again.whole()
	if second, _ := again.restored().whole(); first != second {
		t.Errorf("exported  %s\nand again %s", first, second)
	}
}

// What the service has numbered itself is not numbered again elsewhere.
func TestIDsOfTheServiceAreNotGivenOutAgain(t *testing.T) {
	tab := opened(t, ground)
	push := func(tab table, path string) gitlab.ID {
		c, err := tab.LoadPushContext(t.Context(), store.PushQuery{Path: "acme/app"})
		if err != nil {
			t.Fatal(err)
		}
		made, err := tab.CreateProject(t.Context(), store.NewProject{Path: path, Parent: c.Container.Chain, Creator: tab.user(1)})
		if err != nil {
			t.Fatalf("create %s: %v", path, err)
		}
		return made.Repository.ID
	}
	first := push(tab, "pushed")
	if second := push(tab.restored(), "another"); second <= first {
		t.Errorf("got %d after %d", second, first)
	}
}

// Whatever documents have done to a table, its export does the same.
func TestAnyExportLoadsToTheSameState(t *testing.T) {
	plain, full := everything()
	documents := slices.Concat(plain, full, []string{
		`{"users": [{"id": 1, "username": "anna"}]}`, `{"users": [{"id": 2, "state": "banned", "confirmed_at": null}]}`,
		`{"namespaces": [{"id": 21, "parent_id": 20}]}`, `{"namespaces": [{"id": 20, "visibility": "public"}]}`,
		`{"members": [{"user_id": 2, "namespace_id": 20, "access_level": 50, "expires_at": "2030-01-01"}]}`,
		`{"remove": {"users": [{"id": 2}]}}`, `{"remove": {"projects": [{"id": 8}]}}`, `{"remove": {"namespaces": [{"id": 20}]}}`,
		`{"remove": {"agents": [{"id": 3}]}}`,
	})
	rapid.Check(t, func(r *rapid.T) {
		tab := opened(t, ground)
		for _, i := range rapid.SliceOfN(rapid.IntRange(0, len(documents)-1), 1, 12).Draw(r, "documents") {
			tab.apply(documents[i]) // one that names what is gone is refused, which is as good
		}
		first, _ := tab.whole()
		again := tab.restored()
		if second, _ := again.whole(); first != second {
			r.Fatalf("exported  %s\nand again %s", first, second)
		}
		got, want := again.state(), tab.state()
		for _, state := range []map[string]map[string]any{got, want} {
			forgetPaths(state)
		}
		sameState(t, got, want)
	})
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
