// Package conformance_test runs scim2-tester on the SCIM families. The tester derives its checks from their published schemas.
package conformance_test

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"postern/functions/groupscim"
	"postern/functions/instancescim"
	"postern/shared/apitest"
)

const tenants = `{
 "namespaces": [{"id": 20, "saml_sso_url": "https://idp.example.com/acme"}],
 "scim_tokens": [{"namespace_id": 20, "token": "scim-acme"}, {"namespace_id": null, "token": "scim-inst"}]}`

func mount(d apitest.Deps) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/api/scim/v2/groups/", groupscim.New(groupscim.Deps{Store: d.Store, HTTP: d.HTTP}))
	mux.Handle("/api/scim/v2/application/", instancescim.New(instancescim.Deps{Store: d.Store, HTTP: d.HTTP}))
	return mux
}

func TestSCIMTesterFindsNoViolation(t *testing.T) {
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	setup := exec.CommandContext(t.Context(), filepath.Join(root, "local", "setup"), "conformance")
	if out, err := setup.CombinedOutput(); err != nil {
		t.Fatalf("install the tester: %v\n%s", err, out)
	}
	api := apitest.Serve(t, mount, apitest.Fixture(), []byte(tenants))
	for base, token := range map[string]string{"groups/acme": "scim-acme", "application": "scim-inst"} {
		t.Run(base, func(t *testing.T) {
			python := filepath.Join(root, ".cache", "conformance", "bin", "python")
			check := exec.CommandContext(t.Context(), python, "check.py", api.URL+"/api/scim/v2/"+base)
			check.Env = append(os.Environ(), "SCIM_TOKEN="+token)
			out, err := check.CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			t.Logf("%s", out)
		})
	}
}
