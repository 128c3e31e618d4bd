package gitaly_test

import (
	"context"
	"crypto/x509"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"postern/local/gitaly/gitalytest"
	"postern/shared/gitaly"
	"postern/shared/gitaly/gitalypb"
)

func TestAncestors(t *testing.T) {
	for _, hash := range []string{gitalytest.SHA1, gitalytest.SHA256} {
		t.Run(hash, func(t *testing.T) {
			r, server := serve(t, hash)
			onto, beside := r.Quarantine(t, r.B), r.Quarantine(t, r.A)
			cases := []struct {
				name  string
				repo  gitaly.Repository
				pairs []gitaly.Pair
				want  []bool
			}{
				{"nothing is asked", r.Name(), nil, []bool{}},
				{"a parent is an ancestor", r.Name(), []gitaly.Pair{{r.A, r.B}}, []bool{true}},
				{
					"answers come in the order of the questions", r.Name(),
					[]gitaly.Pair{{r.A, r.B}, {r.B, r.A}, {r.A, r.A}, {r.A, r.C}, {r.A, r.B}},
					[]bool{true, false, true, false, true},
				},
				{"a push onto the branch continues it", onto.In(r.Name()), []gitaly.Pair{{r.B, onto.Commit}}, []bool{true}},
				{"a push beside the branch is forced", beside.In(r.Name()), []gitaly.Pair{{r.B, beside.Commit}}, []bool{false}},
			}
			client := newClient(t, gitaly.Options{})
			for _, c := range cases {
				t.Run(c.name, func(t *testing.T) {
					got, err := client.Ancestors(within(t), server.Storage(), c.repo, c.pairs)
					if err != nil || !slices.Equal(got, c.want) {
						t.Errorf("Ancestors = %v, %v; want %v", got, err, c.want)
					}
				})
			}
		})
	}
}

// A push of 500 refs to a history of one line, where the order of commits is the answer.
func TestAncestorsOfManyRefs(t *testing.T) {
	r, server := serve(t, gitalytest.SHA1)
	line := []string{r.Commit(t)}
	for len(line) < 32 {
		line = append(line, r.Commit(t, line[len(line)-1]))
	}
	var pairs []gitaly.Pair
	var want []bool
	for i := range 500 {
		ancestor, child := i%32, (i/32+i*5)%32
		pairs = append(pairs, gitaly.Pair{Ancestor: line[ancestor], Child: line[child]})
		want = append(want, ancestor <= child)
	}
	got, err := newClient(t, gitaly.Options{}).Ancestors(within(t), server.Storage(), r.Name(), pairs)
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("Ancestors = %v, %v\nwant %v", got, err, want)
	}
}

// A push that git itself makes, asked about while its hook runs.
func TestAncestorsOfAPushThatIsHeld(t *testing.T) {
	r, server := serve(t, gitalytest.SHA256)
	client := newClient(t, gitaly.Options{})
	for onto, want := range map[string]bool{r.B: true, r.A: false} {
		clone := r.Clone(t)
		clone.Reset(t, onto)
		clone.Commit(t)
		held := r.HoldPush(t, clone, "--force", "HEAD:main")
		got, err := client.Ancestors(within(t), server.Storage(), held.In(r.Name()), []gitaly.Pair{{held.Old, held.New}})
		if err != nil || got[0] != want {
			t.Errorf("Ancestors = %v, %v; want %v", got, err, want)
		}
		if held.Refuse() == nil {
			t.Error("the push was not refused")
		}
	}
}

func TestTheRepositoryIsNamedInFull(t *testing.T) {
	var asked *gitalypb.CommitIsAncestorRequest
	server := &scripted{answer: func(_ context.Context, q *gitalypb.CommitIsAncestorRequest) (bool, error) {
		asked = q
		return true, nil
	}}
	storage := server.start(t, listen(t))
	repo := gitaly.Repository{
		Storage: "default", RelativePath: "@hashed/a.git", ObjectDirectory: "objects/incoming-x",
		AlternateObjectDirectories: []string{"objects", "objects/more"}, GLRepository: "project-7", ProjectPath: "acme/app",
	}
	if _, err := newClient(t, gitaly.Options{}).Ancestors(within(t), storage, repo, []gitaly.Pair{{"old", "new"}}); err != nil {
		t.Fatal(err)
	}
	m := asked.GetRepository()
	got := gitaly.Repository{
		Storage: m.GetStorageName(), RelativePath: m.GetRelativePath(), ObjectDirectory: m.GetGitObjectDirectory(),
		GLRepository: m.GetGlRepository(), ProjectPath: m.GetGlProjectPath(), AlternateObjectDirectories: m.GetGitAlternateObjectDirectories(),
	}
	if !slices.Equal(got.AlternateObjectDirectories, repo.AlternateObjectDirectories) {
		t.Errorf("alternates %v, want %v", got.AlternateObjectDirectories, repo.AlternateObjectDirectories)
	}
	got.AlternateObjectDirectories, repo.AlternateObjectDirectories = nil, nil
	if got.Storage != repo.Storage || got.RelativePath != repo.RelativePath || got.ObjectDirectory != repo.ObjectDirectory ||
		got.GLRepository != repo.GLRepository || got.ProjectPath != repo.ProjectPath {
		t.Errorf("repository %+v, want %+v", got, repo)
	}
	if asked.GetAncestorId() != "old" || asked.GetChildId() != "new" {
		t.Errorf("asked about %s and %s", asked.GetAncestorId(), asked.GetChildId())
	}
}

func TestIdenticalPairsAreAskedOnce(t *testing.T) {
	server := &scripted{answer: func(_ context.Context, q *gitalypb.CommitIsAncestorRequest) (bool, error) {
		return q.GetChildId() == "b", nil
	}}
	storage := server.start(t, listen(t))
	pairs := slices.Repeat([]gitaly.Pair{{"a", "b"}, {"a", "c"}}, 50)
	got, err := newClient(t, gitaly.Options{}).Ancestors(within(t), storage, gitaly.Repository{}, pairs)
	if err != nil || !slices.Equal(got, slices.Repeat([]bool{true, false}, 50)) {
		t.Errorf("Ancestors = %v, %v", got, err)
	}
	if calls := server.calls.Load(); calls != 2 {
		t.Errorf("%d calls, want 2", calls)
	}
}

func TestQuestionsUnderWayAreBounded(t *testing.T) {
	var now, most atomic.Int64
	server := &scripted{answer: func(context.Context, *gitalypb.CommitIsAncestorRequest) (bool, error) {
		for n := now.Add(1); ; {
			if seen := most.Load(); n <= seen || most.CompareAndSwap(seen, n) {
				break
			}
		}
		time.Sleep(time.Millisecond)
		now.Add(-1)
		return true, nil
	}}
	storage := server.start(t, listen(t))
	if _, err := newClient(t, gitaly.Options{}).Ancestors(within(t), storage, gitaly.Repository{}, differing(1000)); err != nil {
		t.Fatal(err)
	}
	if server.calls.Load() != 1000 || most.Load() < 2 || most.Load() > 32 {
		t.Errorf("%d calls, at most %d at once; want 1000, at most 32 at once", server.calls.Load(), most.Load())
	}
}

// differing returns pairs of which no two are the same.
func differing(n int) []gitaly.Pair {
	pairs := make([]gitaly.Pair, n)
	for i := range pairs {
		pairs[i] = gitaly.Pair{Ancestor: strconv.Itoa(i), Child: "child"}
	}
	return pairs
}

func TestUnixSocket(t *testing.T) {
	dir, err := os.MkdirTemp("", "gitaly") //nolint:usetesting // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	path := filepath.Join(dir, "socket")
	listener, err := new(net.ListenConfig).Listen(t.Context(), "unix", path)
	if err != nil {
		t.Fatal(err)
	}
	storage := (&scripted{answer: yes}).start(t, listener)
	client := newClient(t, gitaly.Options{})
	for _, address := range []string{"unix:" + path, "unix://" + path} {
		storage.Address = address
		if got, err := client.Ancestors(within(t), storage, gitaly.Repository{}, differing(1)); err != nil || !got[0] {
			t.Errorf("%s: %v, %v", address, got, err)
		}
	}
}

func TestNamesAreLookedUp(t *testing.T) {
	storage := (&scripted{answer: yes}).start(t, listen(t))
	_, port, _ := net.SplitHostPort(storage.Address[len("tcp://"):])
	client := newClient(t, gitaly.Options{})
	for _, address := range []string{"tcp://localhost:" + port, "dns:///localhost:" + port} {
		storage.Address = address
		if got, err := client.Ancestors(within(t), storage, gitaly.Repository{}, differing(1)); err != nil || !got[0] {
			t.Errorf("%s: %v, %v", address, got, err)
		}
	}
}

func TestEncryptedConnections(t *testing.T) {
	web := httptest.NewTLSServer(nil) // has a certificate for 127.0.0.1
	certificate, roots := web.TLS.Certificates[0], x509.NewCertPool()
	roots.AddCert(web.Certificate())
	web.Close()
	storage := (&scripted{answer: yes}).start(t, listen(t), grpc.Creds(credentials.NewServerTLSFromCert(&certificate)))
	plain := storage
	storage.Address = "tls" + storage.Address[len("tcp"):]
	cases := []struct {
		name    string
		roots   *x509.CertPool
		address string
		ok      bool
	}{
		{"a certificate that is vouched for is taken", roots, storage.Address, true},
		{"a certificate that nobody vouches for is refused", x509.NewCertPool(), storage.Address, false},
		{"a connection in clear is not understood", roots, plain.Address, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			storage.Address = c.address
			got, err := newClient(t, gitaly.Options{RootCAs: c.roots}).Ancestors(within(t), storage, gitaly.Repository{}, differing(1))
			if (err == nil) != c.ok || c.ok && !got[0] {
				t.Errorf("Ancestors = %v, %v", got, err)
			}
		})
	}
}
