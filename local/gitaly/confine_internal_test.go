package gitaly

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Every path resolves to a place inside the folder or to an error.
func FuzzBelow(f *testing.F) {
	parent := f.TempDir()
	folder := filepath.Join(parent, "folder")
	for _, dir := range []string{filepath.Join(folder, "a", "b"), filepath.Join(parent, "outside")} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			f.Fatal(err)
		}
	}
	if err := os.Symlink("../outside", filepath.Join(folder, "out")); err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{"a", "a/b", "a//b/.", ".", "..", "out", "a/../a", "/", "a/../../outside", "a\x00", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, path string) {
		found, err := below(folder, "relative_path", path)
		if err != nil {
			return
		}
		whole, err := filepath.EvalSymlinks(found)
		if err != nil || whole != folder && !strings.HasPrefix(whole, folder+"/") {
			t.Errorf("%q leads to %s, %v", path, whole, err)
		}
	})
}
