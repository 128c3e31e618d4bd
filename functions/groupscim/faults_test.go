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

// requests are one of each kind, and how each ends when the table answers.
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

// Whichever call of the table fails, the answer is 503 in the protocol's shape, which says nothing of it while the log does; and
// the same request afterwards ends as if nothing had been.
func TestTheTableFails(t *testing.T) {
	down := errors.New("connection reset by 10.0.0.1")
	for _, row := range requests() {
		t.Run(row.method+" "+row.path+" "+row.body, func(t *testing.T) {
			t.Parallel()
			d, ops := open(t)
			row.path = strings.ReplaceAll(row.path, "{ops}", ops)
			last, refused := apitest.CutOff(t, d, mount, down, func(h http.Handler) *apitest.Answer { return row.send(t, h) })
			if last.Status != row.status || len(refused) == 0 {
				t.Errorf("%d %s after %d tries, want %d", last.Status, last.Body, len(refused), row.status)
			}
			for _, got := range refused {
				told(t, got)
			}
			if !strings.Contains(d.Log.String(), "10.0.0.1") {
				t.Errorf("the log tells no cause: %s", d.Log)
			}
		})
	}
}

// Within a bulk request it is the operation that may be sent again: what is answered as done is done, all else is not.
func TestTheTableFailsWithinABulkRequest(t *testing.T) {
	many := call{method: "POST", path: "/Bulk", body: patch(
		`{"method":"DELETE","path":"/Users/u-dan"},{"method":"DELETE","path":"/Users/u-none"},{"method":"DELETE","path":"/Users/u-nora"}`,
	)}
	parts := 0
	for calls := 0; ; calls++ {
		d, _ := open(t)
		got := many.send(t, mount(apitest.Failing(d, calls, errors.New("connection reset by 10.0.0.1"))))
		if got.Status == http.StatusServiceUnavailable {
			told(t, got)
			continue
		}
		ended := statuses(t, got)
		for i, uid := range []string{"u-dan", "", "u-nora"} {
			if uid == "" {
				continue
			}
			there := call{method: "GET", path: "/Users/" + uid}.send(t, mount(d)).Status == 200
			if ended[i] != map[bool]string{true: "503", false: "204"}[there] {
				t.Errorf("after %d calls %s ended with %s, and is there: %v", calls, uid, ended[i], there)
			}
		}
		if strings.Join(ended, " ") == "204 404 204" {
			break
		}
		parts++
	}
	if parts < 3 {
		t.Errorf("cut off %d times only", parts)
	}
}

// statuses are those of a bulk request's operations.
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

// A table that throttles is one that does not answer: there is no waiting beyond the request's time.
func TestTheTableThrottles(t *testing.T) {
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
			last, refused := apitest.CutOff(t, d, mount, err, func(h http.Handler) *apitest.Answer { return c.send(t, h) })
			if last.Status != http.StatusNoContent || len(refused) == 0 {
				t.Errorf("%d %s after %d tries", last.Status, last.Body, len(refused))
			}
			for _, got := range refused {
				told(t, got)
			}
		})
	}
}
