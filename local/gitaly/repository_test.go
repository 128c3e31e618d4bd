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

// fence is a folder that is served, with a repository in it and one beside it that must not be reached.
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
		{"one below it is asked", relative, answer{value: true}},
		{"a slash at the end does not matter", relative + "/", answer{value: true}},
		{"a link inside is followed", "way-in.git", answer{value: true}},
		{"a link to the outside is refused", "way-out.git", answer{code: codes.InvalidArgument}},
		{"a way up is refused", "../outside.git", answer{code: codes.InvalidArgument}},
		{"a way up and down again is refused", "empty/../" + relative, answer{code: codes.InvalidArgument}},
		{"an absolute path is refused", r.Path, answer{code: codes.InvalidArgument}},
		{"no path is refused", "", answer{code: codes.InvalidArgument}},
		{"a file is refused", "file", answer{code: codes.InvalidArgument}},
		{"a missing one is not found", "@hashed/no/such.git", answer{code: codes.NotFound}},
		{"a directory that is no repository is not found", "empty", answer{code: codes.NotFound}},
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
		{"none", "", nil, answer{value: true}},
		{"its own", "objects", nil, answer{value: true}},
		{"an alternate", "", []string{"objects"}, answer{value: true}},
		{"a way up is refused", "../7902.git/objects", nil, answer{code: codes.InvalidArgument}},
		{"an absolute path is refused", filepath.Join(r.Path, "objects"), nil, answer{code: codes.InvalidArgument}},
		{"a link to the outside is refused", "objects-there", nil, answer{code: codes.InvalidArgument}},
		{"a missing one is not found", "objects/incoming-gone", []string{"objects"}, answer{code: codes.NotFound}},
		{"an alternate that leads up is refused", "objects", []string{"objects", "../../objects"}, answer{code: codes.InvalidArgument}},
		{"an alternate that leads out is refused", "objects", []string{"objects-there"}, answer{code: codes.InvalidArgument}},
		{"an empty alternate is refused", "objects", []string{""}, answer{code: codes.InvalidArgument}},
		{"a missing alternate is not found", "objects", []string{"objects/gone"}, answer{code: codes.NotFound}},
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

func TestAStorageMustBeNamed(t *testing.T) {
	r, client := serve(t, gitalytest.SHA1)
	for name, m := range map[string]*gitalypb.Repository{"no repository": nil, "no storage": {RelativePath: relative}} {
		if got := ask(t, client, m, r.A, r.B); got != (answer{code: codes.InvalidArgument}) {
			t.Errorf("%s: answer %+v, want InvalidArgument", name, got)
		}
	}
}
