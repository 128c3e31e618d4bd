package gitaly_test

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	local "postern/local/gitaly"
	"postern/local/gitaly/gitalytest"
	"postern/shared/gitaly/gitalypb"
)

// maker returns a client of a server of a folder with a repository at relative.
func maker(t *testing.T, folder string) gitalypb.RepositoryServiceClient {
	t.Helper()
	gitalytest.NewRepository(t, folder, relative, gitalytest.SHA1)
	address := gitalytest.Serve(t, local.Options{Repositories: folder}, "").Address
	connection, err := grpc.NewClient(strings.TrimPrefix(address, "tcp://"), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close() })
	return gitalypb.NewRepositoryServiceClient(connection)
}

func TestCreateRepository(t *testing.T) {
	folder := t.TempDir()
	if err := os.Symlink(t.TempDir(), filepath.Join(folder, "out")); err != nil {
		t.Fatal(err)
	}
	client := maker(t, folder)
	for _, row := range []struct {
		name, path, branch string
		code               codes.Code
		head               string
	}{
		{"a new repository", "@hashed/ab/cd/abcd.git", "trunk", codes.OK, "refs/heads/trunk"},
		{"a second one beside it", "@hashed/ab/cd/abce.git", "", codes.OK, "refs/heads/main"},
		{"an existing repository", relative, "main", codes.AlreadyExists, ""},
		{"an existing folder", "@hashed", "main", codes.AlreadyExists, ""},
		{"outside", "../other.git", "main", codes.InvalidArgument, ""},
		{"at an absolute path", "/tmp/other.git", "main", codes.InvalidArgument, ""},
		{"behind a link to the outside", "out/other.git", "main", codes.InvalidArgument, ""},
		{"the folder itself", ".", "main", codes.InvalidArgument, ""},
		{"no path", "", "main", codes.InvalidArgument, ""},
		{"an invalid branch name", "b.git", "a..b", codes.InvalidArgument, ""},
		{"the same path after the error", "b.git", "ab", codes.OK, "refs/heads/ab"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := client.CreateRepository(t.Context(), &gitalypb.CreateRepositoryRequest{
				Repository: message(row.path), DefaultBranch: []byte(row.branch),
			})
			if status.Code(err) != row.code {
				t.Fatalf("%v, want %v", err, row.code)
			}
			if row.head == "" {
				return
			}
			if head := gitalytest.Git(t, filepath.Join(folder, row.path), nil, "symbolic-ref", "HEAD"); head != row.head {
				t.Errorf("HEAD is %s, want %s", head, row.head)
			}
		})
	}
	if _, err := client.CreateRepository(t.Context(), &gitalypb.CreateRepositoryRequest{
		Repository: &gitalypb.Repository{RelativePath: "c.git"},
	}); status.Code(err) != codes.InvalidArgument {
		t.Errorf("without a storage: %v", err)
	}
}

// One of many concurrent calls creates the repository. The others get AlreadyExists.
func TestCreateRepositoryOnce(t *testing.T) {
	client := maker(t, t.TempDir())
	const many = 8
	got := make([]codes.Code, many)
	var wg sync.WaitGroup
	for i := range many {
		wg.Go(func() {
			_, err := client.CreateRepository(t.Context(), &gitalypb.CreateRepositoryRequest{Repository: message("a.git")})
			got[i] = status.Code(err)
		})
	}
	wg.Wait()
	made := 0
	for _, code := range got {
		switch code {
		case codes.OK:
			made++
		case codes.AlreadyExists:
		default:
			t.Errorf("unexpected code %v", code)
		}
	}
	if made != 1 {
		t.Errorf("made %d times", made)
	}
}
