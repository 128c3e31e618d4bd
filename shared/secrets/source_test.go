package secrets

import (
	"errors"
	"strings"
	"testing"
)

func TestNew(t *testing.T) {
	rows := []struct {
		name        string
		now, before string
		want        string // empty for an error
	}{
		{"one version", "new", "", "new"},
		{"both versions, the current one first", "new", "old", "new,old"},
		{"the same twice is one", "new", "new", "new"},
		{"the same but for white space is one", "new\n", "new", "new"},
		{"a binary secret", "binary:x", "", "binary:x"},
		{"a previous version that is no key is done without", "new", "bad", "new"},
		{"a current version that is no key is an error", "bad", "old", ""},
		{"no secret is an error", "", "", ""},
		{"only a previous version is an error", "", "old", ""},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			s, err := New(t.Context(), having(row.now, row.before), "postern/shell", parse, Options{})
			if (err == nil) != (row.want != "") {
				t.Fatalf("New: %v", err)
			}
			if err == nil && known(t, s) != row.want {
				t.Errorf("keys %q, want %q", known(t, s), row.want)
			}
		})
	}
}

// Nothing starts without its secret, and the error says which it is.
func TestUnreachableAtTheStart(t *testing.T) {
	m := having("new", "old")
	m.fail(errUnreachable)
	_, err := New(t.Context(), m, "postern/shell", parse, Options{})
	if !errors.Is(err, errUnreachable) || !strings.Contains(err.Error(), "postern/shell") {
		t.Errorf("New: %v", err)
	}
}

func TestPendingVersion(t *testing.T) {
	rows := []struct {
		name, pending, want string
	}{
		{"is a key before it is the current one", "next", "new,old,next"},
		{"is the current one at the end of a rotation", "new", "new,old"},
		{"that is no key is done without", "bad", "new,old"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			m := having("new", "old")
			m.rotate(row.pending)
			if got := known(t, open(t, m)); got != row.want {
				t.Errorf("keys %q, want %q", got, row.want)
			}
		})
	}
}

func TestErrorsKeepTheSecret(t *testing.T) {
	_, err := New(t.Context(), having("bad s3cr3t", ""), "postern/shell", parse, Options{})
	if err == nil || strings.Contains(err.Error(), "s3cr3t") || !strings.Contains(err.Error(), "must not be bad") {
		t.Errorf("New: %v", err)
	}
}
