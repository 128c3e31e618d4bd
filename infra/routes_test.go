package infra_test

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

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
	"postern/shared/httpapi"
)

const (
	internalAPI = "InternalApi"
	publicAPI   = "PublicApi"
)

func tables() map[string][]httpapi.Route {
	return map[string][]httpapi.Route{
		"GitAccessFunction":     gitaccess.Routes(gitaccess.Deps{}),
		"SSHKeysFunction":       sshkeys.Routes(sshkeys.Deps{}),
		"LFSFunction":           lfs.Routes(lfs.Deps{}),
		"CredentialsFunction":   credentials.Routes(credentials.Deps{}),
		"ErrorTrackingFunction": errortracking.Routes(errortracking.Deps{}),
		"InstanceFunction":      instance.Routes(instance.Deps{}),
		"HooksFunction":         hooks.Routes(hooks.Deps{}),
		"StorageLimitsFunction": storagelimits.Routes(storagelimits.Deps{}),
		"AgentsFunction":        agents.Routes(agents.Deps{}),
		"StarboardFunction":     starboard.Routes(starboard.Deps{}),
		"GroupSCIMFunction":     groupscim.Routes(groupscim.Deps{}),
		"InstanceSCIMFunction":  instancescim.Routes(instancescim.Deps{}),
	}
}

// extra are the gateway's paths without a route. Version 3 of the API is answered with 410.
func extra(function string) []string {
	if function == "InstanceFunction" {
		return []string{"/api/v3", "/api/v3/{proxy+}"}
	}
	return nil
}

// variable matches a parameter in a route's path.
var variable = regexp.MustCompile(`/:([a-z_]+)`)

// paths returns the gateway's paths for a route table. Each path is below /api. Internal paths also stand without it, and public ones of
// version 4 below /v4.
func paths(routes []httpapi.Route) []string {
	var all []string
	for i := range routes {
		path := variable.ReplaceAllString(routes[i].Path, "/{$1}")
		switch {
		case strings.HasPrefix(path, "/api/"):
			all = append(all, path)
		case strings.HasPrefix(path, "/internal/"):
			all = append(all, "/api/v4"+path, path)
		default:
			all = append(all, "/api/v4"+path, "/v4"+path)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// gathered returns the gateway's paths of a family. The SCIM families receive every path below their bases and answer unknown ones
// themselves.
func gathered(paths []string) []string {
	for i, path := range paths {
		for _, base := range []string{"/api/scim/v2/groups", "/api/scim/v2/application"} {
			if strings.HasPrefix(path, base+"/") {
				paths[i] = base + "/{proxy+}"
			}
		}
	}
	return slices.Compact(paths)
}

func TestGatewayRoutesAreThoseOfTheFamilies(t *testing.T) {
	tpl := read(t, "template.yaml")
	tables := tables()
	for _, function := range tpl.functions() {
		t.Run(function, func(t *testing.T) {
			var got []string
			for _, r := range tpl.routed(function) {
				got = append(got, r.path)
			}
			equal(t, "paths", got, append(gathered(paths(tables[function])), extra(function)...))
		})
		delete(tables, function)
	}
	for function := range tables {
		t.Errorf("%s is not in the template", function)
	}
}

func TestRoutesLeaveMethodsToTheFunction(t *testing.T) {
	tpl := read(t, "template.yaml")
	for _, function := range tpl.functions() {
		for _, r := range tpl.routed(function) {
			if r.method != "ANY" {
				t.Errorf("%s %s: method %q, want ANY", function, r.path, r.method)
			}
			if strings.HasSuffix(r.path, "/") {
				t.Errorf("%s %s: a REST gateway rejects a trailing slash", function, r.path)
			}
			if r.timeout != "GatewayTimeouts Millis" {
				t.Errorf("%s %s: timeout %q does not follow GatewayTimeout", function, r.path, r.timeout)
			}
		}
	}
}

// internal reports whether a route is for gitlab-shell, Gitaly and kas.
func internal(r httpapi.Route) bool { return strings.HasPrefix(r.Path, "/internal/") }

// The public gateway has no internal routes, and no function with internal routes.
func TestEachGatewayHasItsOwnFamilies(t *testing.T) {
	tpl := read(t, "template.yaml")
	for function, routes := range tables() {
		own := publicAPI
		if slices.ContainsFunc(routes, internal) {
			own = internalAPI
		}
		for _, r := range routes {
			if internal(r) != (own == internalAPI) {
				t.Errorf("%s answers internal calls and %s %s", function, r.Method, r.Path)
			}
		}
		for _, r := range tpl.routed(function) {
			if r.api != own {
				t.Errorf("%s %s is routed by %q, want %s", function, r.path, r.api, own)
			}
		}
	}
}

func TestEveryRouteIsAuthenticated(t *testing.T) {
	guard := rejectAll{}
	for _, routes := range [][]httpapi.Route{
		gitaccess.Routes(gitaccess.Deps{Shell: guard}),
		sshkeys.Routes(sshkeys.Deps{Shell: guard}),
		lfs.Routes(lfs.Deps{Shell: guard}),
		credentials.Routes(credentials.Deps{Shell: guard}),
		errortracking.Routes(errortracking.Deps{Shell: guard}),
		instance.Routes(instance.Deps{Shell: guard}),
		hooks.Routes(hooks.Deps{Shell: guard}),
		storagelimits.Routes(storagelimits.Deps{}),
		agents.Routes(agents.Deps{KAS: guard}),
		starboard.Routes(starboard.Deps{KAS: guard}),
		groupscim.Routes(groupscim.Deps{}),
		instancescim.Routes(instancescim.Deps{}),
	} {
		for i := range routes {
			if routes[i].Auth == nil {
				t.Errorf("%s %s has no authenticator", routes[i].Method, routes[i].Path)
			}
		}
	}
}

// TestMappedTimeoutsAreSeconds compares the mapping of the gateway's timeouts with the parameter's values.
func TestMappedTimeoutsAreSeconds(t *testing.T) {
	tpl := read(t, "template.yaml")
	allowed := list(tpl.root, "Parameters", "GatewayTimeout", "AllowedValues")
	mapped := at(tpl.root, "Mappings", "GatewayTimeouts")
	if len(allowed) == 0 || len(allowed) != len(keys(mapped)) {
		t.Fatalf("%d values allowed, %d mapped", len(allowed), len(keys(mapped)))
	}
	for _, v := range allowed {
		seconds := v.(int)
		if got := at(mapped, strconv.Itoa(seconds), "Millis"); got != seconds*1000 {
			t.Errorf("%d s are mapped to %v ms", seconds, got)
		}
	}
}

// rejectAll is an authenticator that rejects every request.
type rejectAll struct{}

func (rejectAll) Authenticate(context.Context, *http.Request) error { return errors.New("rejectAll") }
