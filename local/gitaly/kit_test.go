package gitaly_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	local "postern/local/gitaly"
	"postern/local/gitaly/gitalytest"
	"postern/shared/gitaly/gitalypb"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// relative is the path of the repository in most tests.
const relative = "@hashed/79/02/7902.git"

func connect(t testing.TB, address string) gitalypb.CommitServiceClient {
	t.Helper()
	connection, err := grpc.NewClient(strings.TrimPrefix(address, "tcp://"), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close() })
	return gitalypb.NewCommitServiceClient(connection)
}

// serve creates a repository and serves its folder without a token.
func serve(t testing.TB, hash string) (*gitalytest.Repository, gitalypb.CommitServiceClient) {
	t.Helper()
	folder := t.TempDir()
	r := gitalytest.NewRepository(t, folder, relative, hash)
	return r, connect(t, gitalytest.Serve(t, local.Options{Repositories: folder}, "").Address)
}

func message(path string) *gitalypb.Repository {
	return &gitalypb.Repository{StorageName: "default", RelativePath: path}
}

func quarantined(q gitalytest.Quarantine) *gitalypb.Repository {
	m := message(relative)
	m.GitObjectDirectory, m.GitAlternateObjectDirectories = q.ObjectDirectory, q.AlternateObjectDirectories
	return m
}

// answer is an expected value or code.
type answer struct {
	value bool
	code  codes.Code
}

func ask(t testing.TB, c gitalypb.CommitServiceClient, r *gitalypb.Repository, ancestor, child string) answer {
	t.Helper()
	response, err := c.CommitIsAncestor(t.Context(), &gitalypb.CommitIsAncestorRequest{Repository: r, AncestorId: ancestor, ChildId: child})
	if err != nil {
		t.Log(err)
	}
	return answer{response.GetValue(), status.Code(err)}
}

// bearer returns a token of version 2.
func bearer(secret string, at time.Time) string {
	seconds := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(seconds))
	return "Bearer v2." + hex.EncodeToString(mac.Sum(nil)) + "." + seconds
}
