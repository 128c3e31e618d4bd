package infra_test

import (
	"crypto/rand"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"postern/functions/agents"
	"postern/functions/credentials"
	"postern/functions/errortracking"
	"postern/functions/gitaccess"
	"postern/functions/groupscim"
	"postern/functions/hooks"
	"postern/functions/instance"
	"postern/functions/instancescim"
	"postern/functions/lfs"
	"postern/functions/sshkeys"
	"postern/functions/starboard"
	"postern/functions/storagelimits"
	local "postern/local/gitaly"
	"postern/local/gitaly/gitalytest"
	"postern/shared/apitest"
	"postern/shared/auth"
	"postern/shared/gitaly"
	"postern/shared/gitlab"
	"postern/shared/httpapi"
	"postern/shared/store"
	"postern/shared/storetest"
)

// TestRolesGrantOnlyUsedActions runs each family with a client that enforces its role.
func TestRolesGrantOnlyUsedActions(t *testing.T) {
	tpl, started := read(t, "template.yaml"), time.Now()
	shell := auth.NewShell(apitest.StaticKeys(apitest.Secret), time.Now)
	tokens := apitest.StaticKeys(apitest.TokenSecret)
	folder := t.TempDir()
	repository := gitalytest.NewRepository(t, folder, gitlab.DiskPath("@hashed", 7)+".git", gitalytest.SHA1)
	storage := gitalytest.Serve(t, local.Options{Repositories: folder, Token: "gtok"}, "").Storage()
	gitalyClient := gitaly.New(gitaly.Options{})
	t.Cleanup(func() { _ = gitalyClient.Close() })
	kas := auth.NewKAS(apitest.StaticKeys(apitest.Secret), time.Now)
	o := httpapi.Options{Logger: slog.New(slog.DiscardHandler), Now: time.Now, Timeout: time.Minute}
	var tried []string
	for _, tt := range []struct {
		function string
		family   func(*store.Store) http.Handler
		requests []*http.Request
	}{
		{"GitAccessFunction", func(s *store.Store) http.Handler {
			return gitaccess.New(gitaccess.Deps{Store: s, Gitaly: gitalyClient, Shell: shell, Admin: auth.NewAdministrator(s, time.Now), Now: time.Now, HTTP: o})
		}, slices.Concat(pushes(), changes(repository), explanations())},
		{"SSHKeysFunction", func(s *store.Store) http.Handler {
			return sshkeys.New(sshkeys.Deps{Store: s, Shell: shell, HTTP: o})
		}, lookups()},
		{"LFSFunction", func(s *store.Store) http.Handler {
			return lfs.New(lfs.Deps{Store: s, Shell: shell, Tokens: tokens, Now: time.Now, Random: rand.Reader, HTTP: o})
		}, lfsCalls()},
		{"CredentialsFunction", func(s *store.Store) http.Handler {
			return credentials.New(credentials.Deps{
				Store: s, Shell: shell, Tokens: tokens, Now: func() time.Time { return started }, Random: rand.Reader, HTTP: o,
			})
		}, credentialCalls(t, started)},
		{"ErrorTrackingFunction", func(s *store.Store) http.Handler {
			return errortracking.New(errortracking.Deps{Store: s, Shell: shell, HTTP: o})
		}, []*http.Request{form("error_tracking/allowed", "project_id", "7", "public_key", "et-active")}},
		{"HooksFunction", func(s *store.Store) http.Handler {
			return hooks.New(hooks.Deps{Store: s, Shell: shell, Now: time.Now, HTTP: o})
		}, notifications()},
		{"StorageLimitsFunction", func(s *store.Store) http.Handler {
			return storagelimits.New(storagelimits.Deps{Store: s, HTTP: o})
		}, storageLimitCalls()},
		{"GroupSCIMFunction", func(s *store.Store) http.Handler {
			return groupscim.New(groupscim.Deps{Store: s, HTTP: o})
		}, provisioningCalls("/api/scim/v2/groups/acme", "scim-acme")},
		{"InstanceSCIMFunction", func(s *store.Store) http.Handler {
			return instancescim.New(instancescim.Deps{Store: s, HTTP: o})
		}, provisioningCalls("/api/scim/v2/application", "scim-inst")},
		{"InstanceFunction", func(s *store.Store) http.Handler {
			return instance.New(instance.Deps{Store: s, Shell: shell, HTTP: o})
		}, []*http.Request{query("check")}},
		{"AgentsFunction", func(s *store.Store) http.Handler {
			return agents.New(agents.Deps{Store: s, KAS: kas, HTTP: o})
		}, agentCalls()},
		{"StarboardFunction", func(s *store.Store) http.Handler {
			return starboard.New(starboard.Deps{Store: s, KAS: kas, HTTP: o})
		}, scannerCalls()},
	} {
		tried = append(tried, tt.function)
		t.Run(tt.function, func(t *testing.T) {
			client, table := storetest.Open(t)
			loader := newGuard(t, client, tpl, "DirectoryFunction")
			loaded := store.New(loader, table, time.Now)
			for _, document := range [][]byte{apitest.Fixture(), apitest.Administrator(), given(t, storage, repository)} {
				apitest.Apply(t, loaded, document)
			}
			leave(t, loaded, client, table)
			g := newGuard(t, client, tpl, tt.function)
			family := tt.family(store.New(g, table, time.Now))
			for _, r := range tt.requests {
				answer(t, family, r)
			}
			if idle := g.unused(); len(idle) > 0 {
				t.Errorf("%s has unused grants: %q", g.role, idle)
			}
		})
	}
	answering := slices.DeleteFunc(tpl.functions(), func(function string) bool { return len(tpl.routed(function)) == 0 })
	equal(t, "functions with a tested role", tried, answering)
}

// answer sends a request. The guard reports a denied action itself. Such an action must not become a 5xx either.
func answer(t *testing.T, family http.Handler, r *http.Request) {
	t.Helper()
	r.Header.Set("Gitlab-Shell-Api-Request", apitest.Token(t))
	r.Header.Set("Private-Token", apitest.AdminToken)
	r.Header.Set("Gitlab-Kas-Api-Request", apitest.KASToken(t))
	r.Header.Set("Gitlab-Agent-Api-Request", "agt-prod")
	w := httptest.NewRecorder()
	family.ServeHTTP(w, r)
	if w.Code >= http.StatusInternalServerError || w.Code == http.StatusBadRequest {
		t.Errorf("%s: %d %s", r.URL, w.Code, w.Body)
	}
}
