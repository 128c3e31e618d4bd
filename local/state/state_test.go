package state_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"postern/local/state"
)

func TestLoadFindsASystemByItsPort(t *testing.T) {
	root := t.TempDir()
	first := state.System{PID: 1, URL: "http://127.0.0.1:3000", DynamoDB: "http://127.0.0.1:8000", Table: "postern"}
	second := state.System{PID: 2, URL: "http://127.0.0.1:3100", Secrets: "http://127.0.0.1:5000", Bucket: "documents"}
	for port, s := range map[int]state.System{3000: first, 3100: second} {
		if err := state.Save(root, port, s); err != nil {
			t.Fatal(err)
		}
	}
	for port, want := range map[int]state.System{3000: first, 3100: second} {
		if got, err := state.Load(root, port); err != nil || got != want {
			t.Errorf("Load(%d) = %+v, %v; want %+v", port, got, err, want)
		}
	}
}

func TestLoadDoesNotFindARemovedSystem(t *testing.T) {
	root := t.TempDir()
	if err := state.Save(root, 3000, state.System{PID: 1}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := state.Remove(root, 3000); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := state.Load(root, 3000); !errors.Is(err, state.ErrNotRunning) {
		t.Errorf("error = %v, want ErrNotRunning", err)
	}
}

func TestLoadRejectsMalformedState(t *testing.T) {
	root := t.TempDir()
	dir := filepath.Join(root, ".cache", "run")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "3000.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := state.Load(root, 3000); err == nil || errors.Is(err, state.ErrNotRunning) {
		t.Errorf("error = %v, want the file in it", err)
	}
}
