package gitaly

import (
	"cmp"
	"context"
	"crypto/x509"
	"time"

	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"

	"postern/shared/gitaly/gitalypb"
	"postern/shared/gitlab"
)

const (
	// parallel is how many questions of one caller are under way at once: enough to hide the way to Gitaly, which
	// starts a git process for each, and few enough to leave it to others too.
	parallel = 32
	// firstAttempt is how long a first attempt may take, unless Options say otherwise. A question that a living server
	// cannot answer within it is asked again with all the time that is left.
	firstAttempt = 8 * time.Second
	// lastAttempt bounds the second attempt of a caller who has no deadline.
	lastAttempt = 30 * time.Second
	// connectionsKept is how many servers stay connected, unless Options say otherwise.
	connectionsKept = 16
)

// Repository is a repository as Gitaly names it; the object directories are those of a push's quarantine, relative to
// the repository.
type Repository struct {
	Storage                    string
	RelativePath               string
	ObjectDirectory            string
	AlternateObjectDirectories []string
	GLRepository               string
	ProjectPath                string
}

// Pair asks whether Ancestor is an ancestor of Child (or the same commit).
type Pair struct{ Ancestor, Child string }

// Options are what a Client works with; the zero value is usable.
type Options struct {
	Now         func() time.Time // nil: time.Now
	Attempt     time.Duration    // what a first attempt may take; 0: 8 s
	Connections int              // servers that stay connected; 0: 16
	RootCAs     *x509.CertPool   // who may vouch for a tls:// address; nil: whom the system trusts
}

// Client asks Gitaly servers, and stays connected to those that it asked last. It is safe for concurrent use.
type Client struct {
	now         func() time.Time
	attempt     time.Duration
	connections *connections
}

// New returns a client that is connected to nobody yet.
func New(o Options) *Client {
	now := o.Now
	if now == nil {
		now = time.Now
	}
	return &Client{
		now:         now,
		attempt:     cmp.Or(o.Attempt, firstAttempt),
		connections: newConnections(now, cmp.Or(o.Connections, connectionsKept), o.RootCAs),
	}
}

// Close ends all connections, and with them what is being asked. A closed client answers with errors.
func (c *Client) Close() error {
	c.connections.close()
	return nil
}

// Ancestors asks the server about all pairs at once and returns its answers in their order. Any error means that
// nothing was learned: it is an *UnavailableError, and its cause is context.DeadlineExceeded when time was short.
func (c *Client) Ancestors(ctx context.Context, server gitlab.Storage, repo Repository, pairs []Pair) ([]bool, error) {
	distinct, places := numbered(pairs)
	found := make([]bool, len(distinct))
	repository := repo.message()
	group, asking := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for i, pair := range distinct {
		if asking.Err() != nil {
			break
		}
		question := &gitalypb.CommitIsAncestorRequest{Repository: repository, AncestorId: pair.Ancestor, ChildId: pair.Child}
		group.Go(func() error {
			return c.ask(asking, server, func(ctx context.Context, on grpc.ClientConnInterface) error {
				answer, err := gitalypb.NewCommitServiceClient(on).CommitIsAncestor(ctx, question)
				found[i] = answer.GetValue()
				return err
			})
		})
	}
	if err := group.Wait(); err != nil {
		return nil, unavailable(ctx, server, err)
	}
	if err := ctx.Err(); err != nil { // it ended before everything was asked
		return nil, unavailable(ctx, server, err)
	}
	answers := make([]bool, len(pairs))
	for i, place := range places {
		answers[i] = found[place]
	}
	return answers, nil
}

// numbered returns every pair once, and for each of the pairs given which of those it is.
func numbered(pairs []Pair) (distinct []Pair, places []int) {
	known := make(map[Pair]int, len(pairs))
	places = make([]int, len(pairs))
	for i, pair := range pairs {
		place, ok := known[pair]
		if !ok {
			place = len(distinct)
			known[pair] = place
			distinct = append(distinct, pair)
		}
		places[i] = place
	}
	return distinct, places
}

func (r Repository) message() *gitalypb.Repository {
	return &gitalypb.Repository{
		StorageName:                   r.Storage,
		RelativePath:                  r.RelativePath,
		GitObjectDirectory:            r.ObjectDirectory,
		GitAlternateObjectDirectories: r.AlternateObjectDirectories,
		GlRepository:                  r.GLRepository,
		GlProjectPath:                 r.ProjectPath,
	}
}
