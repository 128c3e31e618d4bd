package server

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"postern/shared/apitest"
	"postern/shared/scim"
)

// spoken is a request in the dialect of an identity provider, with its expected answer.
type spoken struct {
	Name   string          `json:"name"`
	Method string          `json:"method"`
	Path   string          `json:"path"`
	Body   json.RawMessage `json:"body"`
	Status int             `json:"status"`
	Like   string          `json:"like"`
	Lacks  string          `json:"lacks"`
	Keep   string          `json:"keep"` // placeholder for the created id
}

// Identity providers provision in their own dialects, at both bases.
func TestSCIMDialects(t *testing.T) {
	for _, provider := range []string{"entra", "okta"} {
		for base, token := range map[string]string{acme: "scim-acme", application: "scim-inst"} {
			t.Run(provider+" at "+base, func(t *testing.T) {
				api := serve(t, scimFixture)
				kept := strings.NewReplacer()
				for _, r := range dialect(t, provider) {
					got := r.send(t, api, base, token, kept)
					if got.Status != r.Status || !strings.Contains(got.Body, r.Like) || r.Lacks != "" && strings.Contains(got.Body, r.Lacks) {
						t.Errorf("%s: %d %s, want %d with %q, without %q", r.Name, got.Status, got.Body, r.Status, r.Like, r.Lacks)
					}
					if id, ok := got.Object()["id"].(string); ok && r.Keep != "" {
						kept = strings.NewReplacer(r.Keep, id)
					}
				}
			})
		}
	}
}

func dialect(t *testing.T, provider string) []spoken {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", "scim", provider+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var all []spoken
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// send sends the request with the headers of identity providers.
func (r *spoken) send(t *testing.T, api *apitest.API, base, token string, kept *strings.Replacer) *apitest.Answer {
	t.Helper()
	request, err := http.NewRequestWithContext(
		t.Context(), r.Method, api.URL+base+kept.Replace(r.Path), strings.NewReader(kept.Replace(string(r.Body))),
	)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Accept", scim.MediaType)
	if len(r.Body) > 0 {
		request.Header.Set("Content-Type", scim.MediaType+"; charset=utf-8")
	}
	return api.Do(t, request)
}
