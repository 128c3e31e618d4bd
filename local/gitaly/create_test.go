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

// maker returns a client of a server over a folder, which has a repository at relative.
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
		{"a new one", "@hashed/ab/cd/abcd.git", "trunk", codes.OK, "refs/heads/trunk"},
		{"beside it", "@hashed/ab/cd/abce.git", "", codes.OK, "refs/heads/main"},
		{"one that is there", relative, "main", codes.AlreadyExists, ""},
		{"where a folder is", "@hashed", "main", codes.AlreadyExists, ""},
		{"outside", "../other.git", "main", codes.InvalidArgument, ""},
		{"at an absolute path", "/tmp/other.git", "main", codes.InvalidArgument, ""},
		{"behind a link that leads out", "out/other.git", "main", codes.InvalidArgument, ""},
		{"the folder itself", ".", "main", codes.InvalidArgument, ""},
		{"no path", "", "main", codes.InvalidArgument, ""},
		{"a branch that cannot be", "b.git", "a..b", codes.InvalidArgument, ""},
		{"which leaves nothing behind", "b.git", "ab", codes.OK, "refs/heads/ab"},
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
		t.Errorf("on no storage: %v", err)
	}
}

// Of many who want the same one makes it, and the others are told.
func TestCreateRepositoryOnce(t *testing.T) {
	client := maker(t, t.TempDir())
	const many = 8
	told := make([]codes.Code, many)
	var wg sync.WaitGroup
	for i := range many {
		wg.Go(func() {
			_, err := client.CreateRepository(t.Context(), &gitalypb.CreateRepositoryRequest{Repository: message("a.git")})
			told[i] = status.Code(err)
		})
	}
	wg.Wait()
	made := 0
	for _, code := range told {
		switch code {
		case codes.OK:
			made++
		case codes.AlreadyExists:
		default:
			t.Errorf("told %v", code)
		}
	}
	if made != 1 {
		t.Errorf("made %d times", made)
	}
}
