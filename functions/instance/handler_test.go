package instance_test

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"testing"

	"postern/functions/instance"
	"postern/shared/apitest"
	"postern/shared/store/record"
	"postern/shared/table"
)

func mount(d apitest.Deps) http.Handler {
	return instance.New(instance.Deps{Store: d.Store, Shell: d.Shell, HTTP: d.HTTP})
}

func TestCheckReturnsVersion(t *testing.T) {
	rows := []struct {
		name, document, version, revision string
	}{
		{"the directory's values", `{"instance":{"version":"12.3.0-pre","revision":"d69c988e6a6"}}`, "12.3.0-pre", "d69c988e6a6"},
		{"the build's values", `{}`, "", ""},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			api := apitest.Serve(t, mount, apitest.Fixture(), []byte(row.document))
			got := api.Get(t, "/api/v4/internal/check", nil)
			if got.Status != http.StatusOK {
				t.Fatalf("status %d: %s", got.Status, got.Body)
			}
			body := got.Object()
			if body["api_version"] != "v4" || body["redis"] != true {
				t.Errorf("body %s, want api_version v4 and redis true", got.Body)
			}
			if row.version != "" && (body["gitlab_version"] != row.version || body["gitlab_rev"] != row.revision) {
				t.Errorf("body %s, want version %s, revision %s", got.Body, row.version, row.revision)
			}
			if body["gitlab_version"] == "" || body["gitlab_rev"] != body["gitlab_revision"] {
				t.Errorf("body %s, want a version, and the revision under both names", got.Body)
			}
		})
	}
}

// unreachable is a store that fails.
type unreachable struct{}

func (unreachable) LoadSettings(context.Context) (record.Settings, error) {
	return record.Settings{}, &table.UnavailableError{Op: "GetItem", Err: errors.New("connection refused")}
}

// Behavior case 102.
func TestCheckAnswersWithoutStore(t *testing.T) {
	api := apitest.Serve(t, func(d apitest.Deps) http.Handler {
		return instance.New(instance.Deps{Store: unreachable{}, Shell: d.Shell, HTTP: d.HTTP})
	})
	got := api.Get(t, "/internal/check", nil)
	if got.Status != http.StatusOK || got.Object()["redis"] != false {
		t.Errorf("%d %s, want 200 with redis false", got.Status, got.Body)
	}
}

// failing is a store that becomes unreachable.
type failing struct {
	instance.Store
	down atomic.Bool
}

func (f *failing) LoadSettings(ctx context.Context) (record.Settings, error) {
	if f.down.Load() {
		return unreachable{}.LoadSettings(ctx)
	}
	return f.Store.LoadSettings(ctx) //nolint:wrapcheck // a stand-in adds nothing
}

func TestCheckRemembersVersionOfUnreachableStore(t *testing.T) {
	var f *failing
	api := apitest.Serve(t, func(d apitest.Deps) http.Handler {
		f = &failing{Store: d.Store}
		return instance.New(instance.Deps{Store: f, Shell: d.Shell, HTTP: d.HTTP})
	}, apitest.Fixture(), []byte(`{"instance":{"version":"18.1.2-ee","revision":"0123456789a"}}`))
	for _, down := range []bool{false, true} {
		f.down.Store(down)
		body := api.Get(t, "/api/v4/internal/check", nil).Object()
		if body["redis"] == down || body["gitlab_version"] != "18.1.2-ee" || body["gitlab_rev"] != "0123456789a" {
			t.Errorf("down %v: %v", down, body)
		}
	}
}
