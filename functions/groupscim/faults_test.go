package groupscim_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"postern/shared/apitest"
)

// requests returns one request of each kind with its status.
func requests() []struct {
	call
	status int
} {
	const zoe = `{"externalId":"u-zoe","userName":"zoe","emails":[{"value":"zoe@elsewhere.com"}],"name":{"formatted":"Zoe"}}`
	return []struct {
		call
		status int
	}{
		{call{method: "GET", path: "/Users"}, 200},
		{call{method: "GET", path: "/Users?filter=active+eq+true&sortBy=userName"}, 200},
		{call{method: "GET", path: "/Users?filter=userName+eq+%22dan%22"}, 200},
		{call{method: "POST", path: "/Users/.search", body: `{"startIndex":2}`}, 200},
		{call{method: "POST", path: "/.search", body: `{"count":10}`}, 200},
		{call{method: "GET", path: "/Users/u-dan"}, 200},
		{call{method: "POST", path: "/Users", body: zoe}, 201},
		{call{method: "PUT", path: "/Users/u-dan", body: `{"active":false}`}, 200},
		{call{method: "PATCH", path: "/Users/u-dan", body: patch(deactivate)}, 204},
		{call{method: "DELETE", path: "/Users/u-dan"}, 204},
		{call{method: "PATCH", path: "/Users/u-dan", body: patch(`{"op":"explode"}`)}, 400},
		{call{method: "GET", path: "/Groups?filter=members+eq+%22u-rita%22"}, 200},
		{call{method: "GET", path: "/Groups/{ops}"}, 200},
		{call{method: "POST", path: "/Groups", body: `{"displayName":"Dev","members":[{"value":"u-dan"}]}`}, 201},
		{call{method: "PUT", path: "/Groups/{ops}", body: `{"displayName":"Dev","members":[{"value":"u-dan"}]}`}, 200},
		{call{method: "PATCH", path: "/Groups/{ops}", body: patch(`{"op":"add","path":"members","value":[{"value":"u-dan"}]}`)}, 204},
		{call{method: "DELETE", path: "/Groups/{ops}"}, 204},
		{call{method: "GET", path: "/Schemas"}, 200},
		{call{method: "GET", path: "/Me"}, 501},
	}
}

// A failure of any table call gives a 503 with a SCIM error and no internal details. The log has the cause. The repeated
// request succeeds as if nothing had failed.
func TestTableFailureGivesUnavailable(t *testing.T) {
	down := errors.New("connection reset by 10.0.0.1")
	for _, row := range requests() {
		t.Run(row.method+" "+row.path+" "+row.body, func(t *testing.T) {
			t.Parallel()
			d, ops := open(t)
			row.path = strings.ReplaceAll(row.path, "{ops}", ops)
			last, failed := apitest.CutOff(t, d, mount, down, func(h http.Handler) *apitest.Answer { return row.send(t, h) })
			if last.Status != row.status || len(failed) == 0 {
				t.Errorf("%d %s after %d tries, want %d", last.Status, last.Body, len(failed), row.status)
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

// In a bulk request each operation reports its own status. A successful status means that the operation took effect.
func TestTableFailureInBulkIsPerOperation(t *testing.T) {
	many := call{method: "POST", path: "/Bulk", body: patch(
		`{"method":"DELETE","path":"/Users/u-dan"},{"method":"DELETE","path":"/Users/u-none"},{"method":"DELETE","path":"/Users/u-nora"}`,
	)}
	parts := 0
	for calls := 0; ; calls++ {
		d, _ := open(t)
		got := many.send(t, mount(apitest.Failing(d, calls, errors.New("connection reset by 10.0.0.1"))))
		if got.Status == http.StatusServiceUnavailable {
			apitest.CheckSCIMError(t, got)
			continue
		}
		ended := statuses(t, got)
		for i, uid := range []string{"u-dan", "", "u-nora"} {
			if uid == "" {
				continue
			}
			exists := call{method: "GET", path: "/Users/" + uid}.send(t, mount(d)).Status == 200
			if ended[i] != map[bool]string{true: "503", false: "204"}[exists] {
				t.Errorf("after %d calls: %s has status %s, exists: %v", calls, uid, ended[i], exists)
			}
		}
		if strings.Join(ended, " ") == "204 404 204" {
			break
		}
		parts++
	}
	if parts < 3 {
		t.Errorf("only %d partial results", parts)
	}
}

// statuses returns the statuses of a bulk request's operations.
func statuses(t *testing.T, got *apitest.Answer) []string {
	t.Helper()
	var body struct{ Operations []struct{ Status string } }
	if err := json.Unmarshal([]byte(got.Body), &body); err != nil || len(body.Operations) != 3 {
		t.Fatalf("%d %s, %v", got.Status, got.Body, err)
	}
	all := make([]string, len(body.Operations))
	for i, o := range body.Operations {
		all[i] = o.Status
	}
	return all
}

// Throttling counts as a failure. The request does not wait beyond its deadline.
func TestThrottlingGivesUnavailable(t *testing.T) {
	code := "ThrottlingError"
	for name, err := range map[string]error{
		"a call":        &types.ProvisionedThroughputExceededException{},
		"a partition":   &types.RequestLimitExceeded{},
		"a transaction": &types.TransactionCanceledException{CancellationReasons: []types.CancellationReason{{Code: &code}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, ops := open(t)
			d.HTTP.Timeout = 200 * time.Millisecond
			c := call{method: "PATCH", path: "/Groups/" + ops, body: patch(`{"op":"add","path":"members","value":[{"value":"u-dan"}]}`)}
			last, failed := apitest.CutOff(t, d, mount, err, func(h http.Handler) *apitest.Answer { return c.send(t, h) })
			if last.Status != http.StatusNoContent || len(failed) == 0 {
				t.Errorf("%d %s after %d tries", last.Status, last.Body, len(failed))
			}
			for _, got := range failed {
				apitest.CheckSCIMError(t, got)
			}
		})
	}
}
