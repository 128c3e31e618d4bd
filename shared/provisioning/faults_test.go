package provisioning_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"postern/shared/gitlab"
	"postern/shared/httpapi"
	"postern/shared/provisioning"
	storetenants "postern/shared/store/tenants"
	"postern/shared/table"
)

// faulty is a table that fails where the real one seldom does.
type faulty struct {
	provisioning.Store
	loading  error
	again    error   // of loading a user another time
	changing []error // one for each time; then it goes well
	loads    int
}

func (f *faulty) LoadSCIMTenant(context.Context, storetenants.SCIMAccess) (storetenants.SCIMTenant, error) {
	return storetenants.SCIMTenant{Group: &gitlab.Namespace{Path: "acme"}}, f.loading
}

func (f *faulty) LoadSCIMUser(context.Context, storetenants.SCIMAccess, string) (storetenants.SCIMUser, error) {
	if f.loads++; f.loads > 1 && f.again != nil {
		return storetenants.SCIMUser{}, f.again
	}
	return storetenants.SCIMUser{Identity: gitlab.SCIMIdentity{ExternUID: "u"}, Version: "1"}, f.loading
}

func (f *faulty) ChangeSCIMUser(_ context.Context, _ storetenants.SCIMAccess, u storetenants.SCIMUser, _ storetenants.SCIMChange) (storetenants.SCIMUser, error) {
	if len(f.changing) == 0 {
		return u, nil
	}
	err := f.changing[0]
	f.changing = f.changing[1:]
	return u, err
}

func (f *faulty) DeleteSCIMUser(ctx context.Context, a storetenants.SCIMAccess, u storetenants.SCIMUser) error {
	_, err := f.ChangeSCIMUser(ctx, a, u, storetenants.SCIMChange{})
	return err
}

func (f *faulty) WalkSCIMUsers(context.Context, storetenants.SCIMAccess) (storetenants.SCIMUserPage, error) {
	return storetenants.SCIMUserPage{}, f.loading
}

// CreateSCIMGroup meets what changes, too: its members may have.
func (f *faulty) CreateSCIMGroup(ctx context.Context, a storetenants.SCIMAccess, n storetenants.NewSCIMGroup) (storetenants.SCIMGroup, error) {
	f.loads++
	_, err := f.ChangeSCIMUser(ctx, a, storetenants.SCIMUser{}, storetenants.SCIMChange{})
	return storetenants.SCIMGroup{ID: "5", DisplayName: n.DisplayName, Version: "1"}, err
}

func TestFaults(t *testing.T) {
	down := &table.UnavailableError{Op: "BatchGetItem", Err: errors.New("arn:aws:secret")}
	conflicts := func(n int) []error {
		all := make([]error, n)
		for i := range all {
			all[i] = table.ErrConflict
		}
		return all
	}
	const patch, remove, bulk, creation = "PATCH /Users/u", "DELETE /Users/u", "POST /Bulk", "POST /Groups"
	rows := []struct {
		name, request string
		table         faulty
		status        int
		like          string
		loads         int
	}{
		{"the table does not answer", patch, faulty{loading: down}, 503, `"status":"503"`, 1},
		{"a token that nobody knows", patch, faulty{loading: storetenants.ErrSCIMToken}, 401, `"detail":"Unauthorized"`, 1},
		{"a token of another tenant", patch, faulty{loading: storetenants.ErrSCIMTenant}, 404, `"detail":"Not Found"`, 1},
		{"more than a search goes through", "GET /Users?filter=userName+pr", faulty{loading: storetenants.ErrSCIMTooMany}, 400, "tooMany", 0},
		{"something else", patch, faulty{loading: errors.New("arn:aws:secret")}, 500, `"detail":"Internal Server Error"`, 1},
		{"changed meanwhile", patch, faulty{changing: conflicts(2)}, 204, "", 3},
		{"deleted while it is changed", remove, faulty{changing: conflicts(1)}, 204, "", 2},
		{"changed again and again", patch, faulty{changing: conflicts(100)}, 503, "try again", 6},
		{"the table is gone while it is changed", patch, faulty{changing: []error{down}}, 503, `"status":"503"`, 1},
		{"the last owner", remove, faulty{changing: []error{storetenants.ErrSCIMLastOwner}}, 412, "last owner", 1},
		{"blocked by somebody else", patch, faulty{changing: []error{storetenants.ErrSCIMBlocked}}, 412, "blocked by an administrator", 1},
		{"a UID that is taken", patch, faulty{changing: []error{storetenants.ErrSCIMTaken}}, 409, "uniqueness", 1},
		{"members who change while a group is made", creation, faulty{changing: conflicts(2)}, 201, `"displayName":"Dev"`, 3},
		{"members who change again and again", creation, faulty{changing: conflicts(100)}, 503, "try again", 6},
		{"a token that is gone by the time of another try", patch, faulty{changing: conflicts(1), again: storetenants.ErrSCIMToken}, 401, `"detail":"Unauthorized"`, 2},
		{"within many", bulk, faulty{changing: []error{down}}, 200, `"status":"503"`, 2},
		{"a token that is gone within many", bulk, faulty{again: storetenants.ErrSCIMToken}, 200, `"status":"401"`, 2},
		{"a tenant that is gone within many", bulk, faulty{again: storetenants.ErrSCIMTenant}, 200, `"detail":"Not Found"`, 2},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			method, path, _ := strings.Cut(row.request, " ")
			body := `{"Operations":[{"op":"replace","path":"active","value":true}]}`
			switch row.request {
			case bulk:
				body = `{"Operations":[{"method":"DELETE","path":"/Users/u"},{"method":"DELETE","path":"/Users/u"}]}`
			case creation:
				body = `{"displayName":"Dev"}`
			}
			r := httptest.NewRequest(method, "/api/scim/v2/groups/acme"+path, strings.NewReader(body))
			r.Header.Set("Content-Type", "application/scim+json")
			r.Header.Set("Authorization", "Bearer t")
			w := httptest.NewRecorder()
			group(&row.table, httpapi.Options{}).ServeHTTP(w, r)
			if w.Code != row.status || !strings.Contains(w.Body.String(), row.like) || strings.Contains(w.Body.String(), "secret") {
				t.Errorf("%d %s, want %d with %q", w.Code, w.Body, row.status, row.like)
			}
			if row.table.loads != row.loads {
				t.Errorf("loaded %d times, want %d", row.table.loads, row.loads)
			}
			if kind := w.Header().Get("Content-Type"); w.Code != http.StatusNoContent && kind != "application/scim+json" {
				t.Errorf("Content-Type %q", kind)
			}
		})
	}
}
