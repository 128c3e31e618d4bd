package client_test

import (
	"errors"
	"strings"
	"testing"

	"postern/local/client"
)

func TestReport(t *testing.T) {
	cases := []struct {
		name, answer, want string
		err                string // part of the error, "" without one
	}{
		{
			"counts are a table, kinds in order",
			`{"counts":{"users":{"created":2,"updated":0,"unchanged":11,"removed":0},"keys":{"created":0,"updated":1,"unchanged":0,"removed":3}}}`,
			"kind   created  updated  unchanged  removed\nkeys   0        1        0          3\nusers  2        0        11         0\n", "",
		},
		{
			"a preview lists the changes before the counts",
			`{"dry_run":true,"counts":{"users":{"created":0,"updated":1,"unchanged":0,"removed":0}},"more_changes":2,"changes":[` +
				`{"place":"users[0]","kind":"users","identity":{"id":9007199254740993},"outcome":"updated","fields":{"state":{"from":"active","to":"blocked"}}}]}`,
			"updated users id=9007199254740993\n  state: \"active\" -> \"blocked\"\nand 2 more\nnothing was written; it would have been:\n" +
				"kind   created  updated  unchanged  removed\nusers  0        1        0          0\n", "",
		},
		{"an empty document has no lines", `{"counts":{}}`, "kind  created  updated  unchanged  removed\n", ""},
		{
			"mistakes with their places are a failure",
			`{"mistakes":[{"place":"users[0].email","message":"is missing"},{"place":"keys[2].key","message":"is no key"}]}`,
			"users[0].email: is missing\nkeys[2].key: is no key\n", "nothing was loaded: the document has mistakes (2)",
		},
		{"a mistake without a place", `{"mistakes":[{"place":"","message":"and 3 more mistakes"}]}`, "and 3 more mistakes\n", "mistakes"},
		{"a malformed answer is a failure", `<html>`, "", "<html>"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var out strings.Builder
			err := client.Report(&out, []byte(c.answer))
			if (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
				t.Errorf("error = %v, want %q", err, c.err)
			}
			if out.String() != c.want {
				t.Errorf("report =\n%swant\n%s", out.String(), c.want)
			}
		})
	}
}

// closed is a writer that fails.
type closed struct{}

var errClosed = errors.New("closed")

func (closed) Write([]byte) (int, error) { return 0, errClosed }

func TestReportReturnsWriteErrors(t *testing.T) {
	for _, body := range []string{`{"counts":{"users":{"created":1}}}`, `{"mistakes":[{"place":"a","message":"b"}]}`, `{"dry_run":true}`} {
		if err := client.Report(closed{}, []byte(body)); !errors.Is(err, errClosed) {
			t.Errorf("error = %v, want the writer's", err)
		}
	}
}
