package postern_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
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
	"postern/shared/apitest"
	"postern/shared/auth"
	"postern/shared/httpapi"
)

// Every route names an authenticator and answers 401 to a request without a token, in both spellings and with a slash at the end.
// The store is nil, so nothing is loaded before.
func TestRoutesRejectUnauthenticatedRequests(t *testing.T) {
	shell := auth.NewShell(apitest.StaticKeys(apitest.Secret), time.Now)
	kas := auth.NewKAS(apitest.StaticKeys(apitest.Secret), time.Now)
	families := map[string]struct {
		routes  []httpapi.Route
		handler http.Handler
	}{
		"gitaccess": {gitaccess.Routes(gitaccess.Deps{Shell: shell}), gitaccess.New(gitaccess.Deps{Shell: shell, Now: time.Now})},
		"hooks":     {hooks.Routes(hooks.Deps{Shell: shell}), hooks.New(hooks.Deps{Shell: shell})},
		"sshkeys":   {sshkeys.Routes(sshkeys.Deps{Shell: shell}), sshkeys.New(sshkeys.Deps{Shell: shell})},
		"credentials": {
			credentials.Routes(credentials.Deps{Shell: shell}), credentials.New(credentials.Deps{Shell: shell, Now: time.Now}),
		},
		"errortracking": {
			errortracking.Routes(errortracking.Deps{Shell: shell}), errortracking.New(errortracking.Deps{Shell: shell}),
		},
		"lfs": {lfs.Routes(lfs.Deps{Shell: shell}), lfs.New(lfs.Deps{Shell: shell, Now: time.Now})},
		"storagelimits": {
			storagelimits.Routes(storagelimits.Deps{}), storagelimits.New(storagelimits.Deps{HTTP: httpapi.Options{Now: time.Now}}),
		},
		"instance":  {instance.Routes(instance.Deps{Shell: shell}), instance.New(instance.Deps{Shell: shell})},
		"agents":    {agents.Routes(agents.Deps{KAS: kas}), agents.New(agents.Deps{KAS: kas})},
		"starboard": {starboard.Routes(starboard.Deps{KAS: kas}), starboard.New(starboard.Deps{KAS: kas})},
	}
	for name, family := range families {
		if len(family.routes) == 0 {
			t.Errorf("%s has no routes", name)
		}
		for _, route := range family.routes {
			if route.Auth == nil {
				t.Errorf("%s %s names no authenticator", route.Method, route.Path)
			}
			refusal := `{"message":"401 Unauthorized"}`
			if route.Auth == kas {
				refusal = `{"message":"KAS JWT authentication invalid"}`
			}
			other := route.Path
			if !strings.HasPrefix(other, "/internal/") {
				other = "/v4" + other
			}
			for _, path := range []string{"/api/v4" + route.Path, other, other + "/"} {
				w := httptest.NewRecorder()
				family.handler.ServeHTTP(w, httptest.NewRequest(route.Method, path, strings.NewReader("{")))
				if w.Code != http.StatusUnauthorized || w.Body.String() != refusal {
					t.Errorf("%s %s without a token: %d %s", route.Method, path, w.Code, w.Body)
				}
			}
		}
	}
}

// The SCIM families reject requests without a token and with a token of another kind, in their own dialect.
func TestSCIMRoutesRejectUnauthenticatedRequests(t *testing.T) {
	families := map[string]struct {
		routes  []httpapi.Route
		handler http.Handler
	}{
		"groupscim":    {groupscim.Routes(groupscim.Deps{}), groupscim.New(groupscim.Deps{})},
		"instancescim": {instancescim.Routes(instancescim.Deps{}), instancescim.New(instancescim.Deps{})},
	}
	const refusal = `{"detail":"Unauthorized","schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"401"}`
	for name, family := range families {
		if len(family.routes) == 0 {
			t.Errorf("%s has no routes", name)
		}
		for _, route := range family.routes {
			if route.Auth == nil {
				t.Errorf("%s %s names no authenticator", route.Method, route.Path)
			}
			for _, authorization := range []string{"", "Bearer", "Bearer ", "Basic c2NpbQ==", "Bearer " + strings.Repeat("x", 2000)} {
				r := httptest.NewRequest(route.Method, route.Path+"/", strings.NewReader("{"))
				r.Header.Set("Authorization", authorization)
				w := httptest.NewRecorder()
				family.handler.ServeHTTP(w, r)
				if w.Code != http.StatusUnauthorized || w.Body.String() != refusal {
					t.Errorf("%s %s with %q: %d %s", route.Method, route.Path, authorization, w.Code, w.Body)
				}
			}
		}
	}
}
