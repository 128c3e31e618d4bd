package secrets

import (
	"errors"
	"strings"
	"testing"
)

func TestNewFetchesVersions(t *testing.T) {
	rows := []struct {
		name        string
		now, before string
		want        string // empty for an error
	}{
		{"one version", "new", "", "new"},
		{"both versions in order", "new", "old", "new,old"},
		{"equal versions are one key", "new", "new", "new"},
		{"versions that differ in white space are one key", "new\n", "new", "new"},
		{"a binary secret", "binary:x", "", "binary:x"},
		{"a malformed previous version is ignored", "new", "bad", "new"},
		{"a malformed current version is an error", "bad", "old", ""},
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

// A missing secret fails the start, and the error names it.
func TestNewFailsIfUnreachable(t *testing.T) {
	m := having("new", "old")
	m.fail(errUnreachable)
	_, err := New(t.Context(), m, "postern/shell", parse, Options{})
	if !errors.Is(err, errUnreachable) || !strings.Contains(err.Error(), "postern/shell") {
		t.Errorf("New: %v", err)
	}
}

func TestPendingVersionIsKey(t *testing.T) {
	rows := []struct {
		name, pending, want string
	}{
		{"a pending version is a key", "next", "new,old,next"},
		{"a pending version equal to the current one", "new", "new,old"},
		{"a malformed pending version is ignored", "bad", "new,old"},
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

func TestErrorHidesSecret(t *testing.T) {
	_, err := New(t.Context(), having("bad s3cr3t", ""), "postern/shell", parse, Options{})
	if err == nil || strings.Contains(err.Error(), "s3cr3t") || !strings.Contains(err.Error(), "must not be bad") {
		t.Errorf("New: %v", err)
	}
}
