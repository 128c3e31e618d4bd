package gitaly_test

import (
	"os"
	"path/filepath"
	"testing"

	"google.golang.org/grpc/codes"

	local "postern/local/gitaly"
	"postern/local/gitaly/gitalytest"
	"postern/shared/gitaly/gitalypb"
)

// fence creates a served folder with a repository in it and an unreachable one beside it.
func fence(t *testing.T) (inside *gitalytest.Repository, client gitalypb.CommitServiceClient) {
	t.Helper()
	parent := t.TempDir()
	folder := filepath.Join(parent, "served")
	for _, path := range []string{folder, filepath.Join(folder, "empty")} {
		if err := os.Mkdir(path, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(folder, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	outside := gitalytest.NewRepository(t, parent, "outside.git", gitalytest.SHA1)
	inside = gitalytest.NewRepository(t, folder, relative, gitalytest.SHA1)
	for from, to := range map[string]string{
		filepath.Join(folder, "way-out.git"):        outside.Path,
		filepath.Join(folder, "way-in.git"):         relative,
		filepath.Join(inside.Path, "objects-there"): filepath.Join(outside.Path, "objects"),
	} {
		if err := os.Symlink(to, from); err != nil {
			t.Fatal(err)
		}
	}
	return inside, connect(t, gitalytest.Serve(t, local.Options{Repositories: folder}, "").Address)
}

func TestRepositoriesAreConfinedToTheFolder(t *testing.T) {
	r, client := fence(t)
	cases := []struct {
		name, path string
		want       answer
	}{
		{"a path below the folder", relative, answer{value: true}},
		{"a slash at the end", relative + "/", answer{value: true}},
		{"a link inside is followed", "way-in.git", answer{value: true}},
		{"a link to the outside is rejected", "way-out.git", answer{code: codes.InvalidArgument}},
		{"a path upwards is rejected", "../outside.git", answer{code: codes.InvalidArgument}},
		{"a path up and down again is rejected", "empty/../" + relative, answer{code: codes.InvalidArgument}},
		{"an absolute path is rejected", r.Path, answer{code: codes.InvalidArgument}},
		{"an empty path is rejected", "", answer{code: codes.InvalidArgument}},
		{"a file is rejected", "file", answer{code: codes.InvalidArgument}},
		{"a missing repository is not found", "@hashed/no/such.git", answer{code: codes.NotFound}},
		{"another directory is not found", "empty", answer{code: codes.NotFound}},
		{"the folder itself is not found", ".", answer{code: codes.NotFound}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := ask(t, client, message(c.path), r.A, r.B); got != c.want {
				t.Errorf("answer %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestObjectDirectoriesAreConfinedToTheRepository(t *testing.T) {
	r, client := fence(t)
	cases := []struct {
		name       string
		objects    string
		alternates []string
		want       answer
	}{
		{"no directory", "", nil, answer{value: true}},
		{"the repository's directory", "objects", nil, answer{value: true}},
		{"an alternate", "", []string{"objects"}, answer{value: true}},
		{"a path upwards is rejected", "../7902.git/objects", nil, answer{code: codes.InvalidArgument}},
		{"an absolute path is rejected", filepath.Join(r.Path, "objects"), nil, answer{code: codes.InvalidArgument}},
		{"a link to the outside is rejected", "objects-there", nil, answer{code: codes.InvalidArgument}},
		{"a missing directory is not found", "objects/incoming-missing", []string{"objects"}, answer{code: codes.NotFound}},
		{"an alternate that leads up is rejected", "objects", []string{"objects", "../../objects"}, answer{code: codes.InvalidArgument}},
		{"an alternate outside is rejected", "objects", []string{"objects-there"}, answer{code: codes.InvalidArgument}},
		{"an empty alternate is rejected", "objects", []string{""}, answer{code: codes.InvalidArgument}},
		{"a missing alternate is not found", "objects", []string{"objects/missing"}, answer{code: codes.NotFound}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m := message(relative)
			m.GitObjectDirectory, m.GitAlternateObjectDirectories = c.objects, c.alternates
			if got := ask(t, client, m, r.A, r.B); got != c.want {
				t.Errorf("answer %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestStorageIsRequired(t *testing.T) {
	r, client := serve(t, gitalytest.SHA1)
	for name, m := range map[string]*gitalypb.Repository{"no repository": nil, "no storage": {RelativePath: relative}} {
		if got := ask(t, client, m, r.A, r.B); got != (answer{code: codes.InvalidArgument}) {
			t.Errorf("%s: answer %+v, want InvalidArgument", name, got)
		}
	}
}
