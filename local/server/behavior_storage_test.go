package server

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"postern/shared/apitest"
)

const (
	noNamespace = `{"message":"404 Namespace Not Found"}`
	already     = `{"message":"400 Bad request - already excluded"}`
	notExcluded = `{"message":"400 Bad request - not excluded"}`
	notRoot     = `{"message":"400 Bad request - must use a root namespace"}`
	noScope     = `{"error":"insufficient_scope","error_description":"The request requires higher privileges than provided by the access token.","scope":"api"}`
	acmes       = `{"id":1,"namespace_id":20,"namespace_name":"Acme","reason":"a reason"}`
)

func TestBehaviorStorageLimits(t *testing.T) {
	reason := func(body string) administrator {
		return administrator{method: http.MethodPost, path: one("20"), token: rootAPI, body: body}
	}
	with := func(a administrator, name, value string) administrator {
		a.token, a.header = "", http.Header{name: {value}}
		return a
	}
	rows := []struct {
		number, name string
		given        string
		steps        []answered
	}{
		{"K28", "an exclusion is created once", "", []answered{
			{create("20", rootAPI), 201, acmes}, {create("20", rootAPI), 400, already}, {list(rootAPI), 200, "[" + acmes + "]"},
		}},
		{"K29", "top-level namespaces only", "", []answered{
			{create("21", rootAPI), 400, notRoot},
			{create("acme/team", rootAPI), 400, notRoot},
			{remove("21", rootAPI), 400, notRoot},
			{create("99", rootAPI), 404, noNamespace},
			{create("acme/nothing", rootAPI), 404, noNamespace},
			{remove("99", rootAPI), 404, noNamespace},
			{create("acme/app", rootAPI), 404, noNamespace},
			{create("ACME", rootAPI), 201, acmes},
		}},
		{"K30", "administrators only", "", []answered{
			{create("20", danAPI), 403, `{"message":"403 Forbidden"}`},
			{create("20", ""), 401, unauthorized},
			{create("20", "nobody's"), 401, unauthorized},
			{create("20", rootRead), 403, noScope},
			{remove("20", rootRead), 403, noScope},
			{list(rootRead), 200, "[]"},
			{list("glpat-user"), 403, noScope},
			{list("glpat-revoked"), 401, `{"error":"invalid_token","error_description":"Token was revoked. You have to re-authorize from the user."}`},
			{list("glpat-expired"), 401, `{"error":"invalid_token","error_description":"Token is expired. You can either do re-authorization or token refresh."}`},
			{list("glpat-blocked"), 403, `{"message":"403 Forbidden - Your account has been blocked."}`},
		}},
		{"K30", "the token in other places", "", []answered{
			{with(list(""), "Authorization", "Bearer "+rootRead), 200, "[]"},
			{administrator{method: "GET", path: "/api/v4" + exclusions + "?private_token=" + rootRead}, 200, "[]"},
			{administrator{method: "POST", path: one("20"), body: "private_token=" + rootAPI + "&reason=a+reason"}, 201, acmes},
			{administrator{method: "POST", path: one("20"), body: `{"private_token":"` + rootAPI + `","reason":"a reason"}`}, 400, already},
			{administrator{method: "POST", path: one("20"), token: "nobody's", body: `{"private_token":"` + rootAPI + `"}`}, 401, unauthorized},
		}},
		{"K31", "a removed exclusion", "", []answered{
			{create("20", rootAPI), 201, acmes},
			{remove("20", rootAPI), 204, ""},
			{remove("20", rootAPI), 400, notExcluded},
			{list(rootAPI), 200, "[]"},
			{create("20", rootAPI), 201, strings.Replace(acmes, `"id":1`, `"id":2`, 1)},
		}},
		{"", "an invalid reason", "", []answered{
			{reason(`{}`), 400, `{"error":"reason is missing"}`},
			{reason(`{"reason":null}`), 400, `{"error":"reason is missing"}`},
			{reason(``), 400, `{"error":"reason is missing"}`},
			{reason(`{"reason":"  "}`), 400, `{"error":"reason is empty"}`},
			{reason(`{"reason":[1]}`), 400, `{"error":"reason is invalid"}`},
			{reason(`{"reason":"` + strings.Repeat("ü", 256) + `"}`), 400, `{"message":{"reason":["is too long (maximum is 255 characters)"]}}`},
			{reason(`{"reason":`), 400, `{"error":"request body is not valid JSON"}`},
			{reason(`[]`), 400, ""},
			{administrator{method: "POST", path: one("99"), token: rootAPI, body: "{}"}, 400, `{"error":"reason is missing"}`},
			{reason(`{"reason":"` + strings.Repeat("ü", 255) + `"}`), 201, ""},
		}},
		{"", "on other instances", `{"instance":{"check_namespace_plan":false}}`, []answered{
			{list(rootAPI), 403, `{"message":"403 Forbidden - this API is for GitLab.com only"}`},
			{list(danAPI), 403, `{"message":"403 Forbidden"}`},
			{reason(`{}`), 403, `{"message":"403 Forbidden - this API is for GitLab.com only"}`},
			{remove("99", rootAPI), 403, `{"message":"403 Forbidden - this API is for GitLab.com only"}`},
		}},
		{"", "as the documentation spells the paths", "", []answered{
			{administrator{method: "POST", path: "/v4/namespaces/20/storage/limit_exclusion/", token: rootAPI, body: because}, 201, acmes},
			{administrator{method: "GET", path: "/v4" + exclusions, token: rootAPI}, 200, "[" + acmes + "]"},
			{administrator{method: "GET", path: exclusions, token: rootAPI}, 404, `{"error":"404 Not Found"}`},
			{administrator{method: "PUT", path: one("20"), token: rootAPI}, 405, `{"error":"405 Method Not Allowed"}`},
		}},
		{"", "an invalid page", "", []answered{
			{administrator{method: "GET", path: "/v4" + exclusions + "?page=x&per_page=0", token: rootAPI}, 400, `{"error":"page is invalid, per_page has a value not allowed"}`},
			{administrator{method: "GET", path: "/v4" + exclusions + "?per_page[]=1", token: rootAPI}, 400, `{"error":"per_page is invalid"}`},
			{administrator{method: "GET", path: "/v4" + exclusions + "?page=-1", token: rootAPI}, 200, "[]"},
			{administrator{method: "GET", path: "/v4" + exclusions + "?page=9223372036854775807", token: rootAPI}, 200, "[]"},
		}},
	}
	// Rows that depend on the gateway. That of `sam local` decodes an escaped slash before routing, and answers an unknown path with
	// a 403 of its own.
	gateway := map[string]bool{"top-level namespaces only": true, "as the documentation spells the paths": true}
	for _, row := range rows {
		t.Run(strings.TrimSpace(fmt.Sprintf("case %s: %s", row.number, row.name)), func(t *testing.T) {
			own := serve
			if gateway[row.name] {
				own = serveHere
			}
			api := own(t, administration)
			if row.given != "" {
				apitest.Apply(t, api.Store, []byte(row.given))
			}
			for i, s := range row.steps {
				got := s.ask(t, api)
				if got.Status != s.status || s.body != "" && got.Body != s.body {
					t.Errorf("step %d, %s %s: %d %s, want %d %s", i+1, s.method, s.path, got.Status, got.Body, s.status, s.body)
				}
			}
		})
	}
}

// Case K32.
func TestBehaviorStorageLimitPages(t *testing.T) {
	var namespaces, records []string
	for i := range 45 {
		namespaces = append(namespaces, fmt.Sprintf(`{"id":%d,"kind":"group","path":"g%d","name":"G%d"}`, 1000+i, i, i))
		records = append(records, fmt.Sprintf(`{"namespace_id":%d,"reason":"r"}`, 1000+i))
	}
	api := serve(t, administration, `{"namespaces":[`+strings.Join(namespaces, ",")+`]}`, `{"storage_limit_exclusions":[`+strings.Join(records, ",")+`]}`)
	link := func(page, size int, rel string) string {
		return fmt.Sprintf(`<https://gitlab.example.com/api/v4/namespaces/storage/limit_exclusions?page=%d&per_page=%d>; rel="%s"`, page, size, rel)
	}
	links := func(all ...string) string { return strings.Join(all, ", ") }
	rows := []struct {
		query                      string
		entries, pages, page, size string
		previous, next             string
		link                       string
	}{
		{"page=3&per_page=20", "5", "3", "3", "20", "2", "", links(link(2, 20, "prev"), link(1, 20, "first"), link(3, 20, "last"))},
		{"", "20", "3", "1", "20", "", "2", links(link(2, 20, "next"), link(1, 20, "first"), link(3, 20, "last"))},
		{"page=2", "20", "3", "2", "20", "1", "3", links(link(1, 20, "prev"), link(3, 20, "next"), link(1, 20, "first"), link(3, 20, "last"))},
		{"per_page=101", "45", "1", "1", "100", "", "", links(link(1, 100, "first"), link(1, 100, "last"))},
		{"page=4", "0", "3", "4", "20", "", "", links(link(1, 20, "first"), link(3, 20, "last"))},
		{"page=0&per_page=15&private_token=" + rootRead, "15", "3", "1", "15", "", "2", links(link(2, 15, "next"), link(1, 15, "first"), link(3, 15, "last"))},
	}
	for _, row := range rows {
		t.Run(row.query, func(t *testing.T) {
			got := administrator{method: http.MethodGet, path: "/api/v4" + exclusions + "?" + row.query, token: rootRead}.ask(t, api)
			if n := fmt.Sprint(strings.Count(got.Body, `"reason"`)); got.Status != http.StatusOK || n != row.entries {
				t.Errorf("%d, %s entries, want %s", got.Status, n, row.entries)
			}
			for name, want := range map[string]string{
				"X-Total": "45", "X-Total-Pages": row.pages, "X-Page": row.page, "X-Per-Page": row.size,
				"X-Prev-Page": row.previous, "X-Next-Page": row.next, "Link": row.link,
			} {
				if header := got.Header.Values(name); len(header) != 1 || header[0] != want {
					t.Errorf("%s is %q, want %q", name, header, want)
				}
			}
		})
	}
}

// Case K33.
func TestBehaviorStorageLimitsConcurrently(t *testing.T) {
	api := serve(t, administration)
	for _, step := range []struct {
		name    string
		call    administrator
		status  int
		refused string
	}{
		{"made", create("20", rootAPI), http.StatusCreated, already},
		{"removed", remove("20", rootAPI), http.StatusNoContent, notExcluded},
	} {
		answers := make([]*apitest.Answer, 4)
		var wg sync.WaitGroup
		for i := range answers {
			wg.Go(func() { answers[i] = step.call.ask(t, api) })
		}
		wg.Wait()
		done := 0
		for _, a := range answers {
			switch {
			case a.Status == step.status:
				done++
			case a.Status != http.StatusBadRequest || a.Body != step.refused:
				t.Errorf("%s: %d %s", step.name, a.Status, a.Body)
			}
		}
		if done != 1 {
			t.Errorf("%s %d times", step.name, done)
		}
	}
}

// The log has the administrator, the change and the request's id.
func TestStorageLimitsAreAudited(t *testing.T) {
	api := serveHere(t, administration)
	began := time.Now().Add(-time.Second)
	for _, a := range []administrator{create("20", rootAPI), create("20", rootAPI), remove("20", rootAPI)} {
		a.header = http.Header{"X-Request-Id": {"by-" + a.method}}
		a.ask(t, api)
	}
	changes, err := api.Store.AuditedChanges(t.Context(), "20", began, time.Now().Add(time.Second), 10)
	if err != nil || len(changes) != 2 {
		t.Fatalf("%+v %v", changes, err)
	}
	for i, method := range []string{"POST", "DELETE"} {
		if changes[i].UserID != 1 || changes[i].RequestID != "by-"+method {
			t.Errorf("%s: %+v", method, changes[i])
		}
	}
	if !strings.Contains(api.Log.String(), `"actor":"user-1"`) {
		t.Error("the log lacks the administrator")
	}
}
