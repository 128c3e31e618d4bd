package apitest

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"postern/shared/gitlab"
	"postern/shared/store"
	"postern/shared/store/lookup"
)

// CheckSCIMError checks that an answer is a SCIM error (RFC 7644 section 3.12) without the address that tests put into
// internal errors.
func CheckSCIMError(t testing.TB, got *Answer) {
	t.Helper()
	body := got.Object()
	schemas, _ := body["schemas"].([]any)
	if len(schemas) != 1 || schemas[0] != "urn:ietf:params:scim:api:messages:2.0:Error" ||
		body["status"] != strconv.Itoa(got.Status) || body["detail"] == "" {
		t.Errorf("%s is not a SCIM error", got.Body)
	}
	if kind := got.Header.Get("Content-Type"); kind != "application/scim+json" {
		t.Errorf("Content-Type %q", kind)
	}
	if strings.Contains(got.Body, "10.0.0.1") {
		t.Errorf("the answer has internal details: %s", got.Body)
	}
}

// Level returns a user's access level in a project, loaded without cached hints.
func (d *Deps) Level(t testing.TB, user gitlab.ID, path string) gitlab.AccessLevel {
	t.Helper()
	fresh := store.New(d.Table.Client, d.Table.Name, time.Now)
	actor := gitlab.ActorRef{Kind: gitlab.ByUser, ID: user}
	c, err := fresh.LoadPushContext(t.Context(), lookup.PushQuery{Actor: actor, Path: path, Push: true})
	if err != nil {
		t.Fatalf("load access of user %d: %v", user, err)
	}
	held := gitlab.NoAccess
	for i := range c.Members {
		held = max(held, c.Members[i].Level(time.Now()))
	}
	return held
}
