package directory_test

import (
	"flag"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"postern/shared/apitest"
	"postern/shared/gitlab"
	"postern/shared/store/lookup"
	"postern/shared/store/pushes"
)

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
		c, err := tab.LoadPushContext(t.Context(), lookup.PushQuery{Path: "acme/app"})
		if err != nil {
			t.Fatal(err)
		}
		made, err := tab.CreateProject(t.Context(), pushes.NewProject{Path: path, Parent: c.Container.Chain, Creator: tab.user(1)})
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
//
// A draw is dear: its tables are filled through DynamoDB Local, and each of its documents is previewed, too. What goes wrong
// here is how one document meets what another one has left. So there are few draws, and each applies every document, in an
// order of its own: of any two, either comes after the other in one of three draws with a chance of seven in eight. The export
// is looked at three times on the way, because what one document breaks another one may remove.
func TestAnyExportLoadsToTheSameState(t *testing.T) {
	plain, full := everything()
	documents := slices.Concat(plain, full, []string{
		ground, ground, // which bring back what was removed
		`{"users": [{"id": 1, "username": "anna"}]}`, `{"users": [{"id": 2, "state": "banned", "confirmed_at": null}]}`,
		`{"namespaces": [{"id": 21, "parent_id": 20}]}`, `{"namespaces": [{"id": 20, "visibility": "public"}]}`,
		`{"members": [{"user_id": 2, "namespace_id": 20, "access_level": 50, "expires_at": "2030-01-01"}]}`,
		`{"remove": {"users": [{"id": 2}]}}`, `{"remove": {"projects": [{"id": 8}]}}`, `{"remove": {"namespaces": [{"id": 20}]}}`,
		`{"remove": {"agents": [{"id": 3}]}}`,
	})
	few(t, 3)
	rapid.Check(t, func(r *rapid.T) {
		tab := opened(t)
		tab.apply(ground)
		for stretch := range slices.Chunk(rapid.Permutation(documents).Draw(r, "documents"), len(documents)/3+1) {
			for _, document := range stretch {
				tab.apply(document) // one that names what is not there is refused, which is as good
			}
			tab.sameRestored(r)
		}
	})
}

// few sets how many draws rapid makes, unless the command line says it (-rapid.checks).
func few(t *testing.T, draws int) {
	t.Helper()
	checks := flag.Lookup("rapid.checks")
	if usual := checks.DefValue; checks.Value.String() == usual {
		_ = checks.Value.Set(strconv.Itoa(draws))
		t.Cleanup(func() { _ = checks.Value.Set(usual) })
	}
}

// sameRestored loads the export of a table into another one, and compares what both export and hold.
func (tab table) sameRestored(r *rapid.T) {
	r.Helper()
	first, _ := tab.whole()
	again := opened(tab.t)
	if mistakes := again.apply(first).Mistakes; len(mistakes) > 0 {
		r.Fatalf("exported %s\nwith mistakes %v", first, mistakes)
	}
	if second, _ := again.whole(); first != second {
		r.Fatalf("exported  %s\nand again %s", first, second)
	}
	got, want := again.state(), tab.state()
	for _, state := range []map[string]map[string]any{got, want} {
		forgetPaths(state)
	}
	sameState(r, got, want)
}
