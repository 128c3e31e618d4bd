package instancescim_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"postern/shared/apitest"
	"postern/shared/gitlab"
)

// A failure of any table call gives a 503 with a SCIM error and no partial change. The repeated request succeeds as if
// nothing had failed.
func TestTableFailureGivesUnavailable(t *testing.T) {
	const zoe = `{"externalId":"i-zoe","userName":"zoe","emails":[{"value":"zoe@elsewhere.com"}],"name":{"formatted":"Zoe"}}`
	rows := []struct {
		call
		status int
		state  gitlab.UserState // dan's final state
	}{
		{call{method: "GET", path: "/Users"}, 200, gitlab.UserActive},
		{call{method: "GET", path: "/Users/i-dan"}, 200, gitlab.UserActive},
		{call{method: "POST", path: "/Users", body: zoe}, 201, gitlab.UserActive},
		{call{method: "PATCH", path: "/Users/i-dan", body: off}, 204, gitlab.UserBlocked},
		{call{method: "PUT", path: "/Users/i-dan", body: `{"active":false}`}, 200, gitlab.UserBlocked},
		{call{method: "DELETE", path: "/Users/i-dan"}, 204, gitlab.UserBlocked},
		{call{method: "POST", path: "/Groups", body: `{"displayName":"Ops","members":[{"value":"i-dan"}]}`}, 201, gitlab.UserActive},
		{call{method: "GET", path: "/ServiceProviderConfig"}, 200, gitlab.UserActive},
	}
	for _, row := range rows {
		t.Run(row.method+" "+row.path, func(t *testing.T) {
			t.Parallel()
			d := open(t)
			last, failed := apitest.CutOff(t, d, mount, errors.New("connection reset by 10.0.0.1"), func(h http.Handler) *apitest.Answer {
				got := row.send(t, h)
				if state := user(t, d, 13).State; got.Status == http.StatusServiceUnavailable && state != gitlab.UserActive {
					t.Errorf("%d, and dan is %s", got.Status, state)
				}
				return got
			})
			if state := user(t, d, 13).State; last.Status != row.status || len(failed) == 0 || state != row.state {
				t.Errorf("%d %s after %d tries, and dan is %s; want %d and %s", last.Status, last.Body, len(failed), state, row.status, row.state)
			}
			for _, got := range failed {
				apitest.CheckSCIMError(t, got)
			}
			if !strings.Contains(d.Log.String(), "10.0.0.1") {
				t.Errorf("the log lacks the cause: %s", d.Log)
			}
		})
	}
}
