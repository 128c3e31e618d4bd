package store_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"postern/shared/store"
	storeagents "postern/shared/store/agents"
	"postern/shared/storetest"
	"postern/shared/table"
)

// transacting counts the items that transactions write, and fails them after so many transactions.
type transacting struct {
	table.API
	table string
	calls atomic.Int64 // of transactions
	items atomic.Int64
	left  atomic.Int64
}

func (c *transacting) TransactWriteItems(
	ctx context.Context, in *dynamodb.TransactWriteItemsInput, o ...func(*dynamodb.Options),
) (*dynamodb.TransactWriteItemsOutput, error) {
	if c.left.Add(-1) < 0 {
		return nil, context.DeadlineExceeded
	}
	c.calls.Add(1)
	c.items.Add(int64(len(in.TransactItems)))
	return c.API.TransactWriteItems(ctx, in, o...)
}

func findings(t testing.TB) (*transacting, *store.Store) {
	t.Helper()
	client, table := storetest.Open(t)
	api := &transacting{API: client, table: table}
	api.left.Store(1 << 40)
	return api, store.New(api, table, newClock().now)
}

func found(agent int64, n int) storeagents.Finding {
	return storeagents.Finding{UUID: uuid(n), AgentID: agent, ProjectID: 7, Payload: `{}`}
}

func keep(t testing.TB, s *store.Store, f storeagents.Finding) {
	t.Helper()
	if err := s.KeepFinding(t.Context(), f); err != nil {
		t.Fatalf("KeepFinding: %v", err)
	}
}

func state(t testing.TB, s *store.Store, agent int64, n int) string {
	t.Helper()
	f, err := s.Finding(t.Context(), agent, uuid(n))
	if errors.Is(err, table.ErrNotFound) {
		return "none"
	}
	if err != nil {
		t.Fatalf("Finding: %v", err)
	}
	return f.State
}

func TestOneFindingKeptByTwentyAtOnceIsOne(t *testing.T) {
	api, s := findings(t)
	together(t, 20, func(int) error { return s.KeepFinding(t.Context(), found(3, 1)) })
	if got := state(t, s, 3, 1); got != storeagents.FindingDetected {
		t.Errorf("state %s", got)
	}
	api.items.Store(0)
	if err := s.ResolveFindings(t.Context(), 3, nil); err != nil || api.items.Load() != 2 {
		t.Errorf("resolving wrote %d items, %v; want the one finding and its entry", api.items.Load(), err)
	}
}

// A report takes one call, however many there are: the finding and its entry among the open ones.
func TestFindingBudget(t *testing.T) {
	api, s := findings(t)
	for range 3 {
		api.calls.Store(0)
		api.items.Store(0)
		keep(t, s, found(3, 1))
		if api.calls.Load() != 1 || api.items.Load() != 2 {
			t.Errorf("%d calls of %d items, want one of two", api.calls.Load(), api.items.Load())
		}
	}
}

// What somebody dismissed is seen again, and stays dismissed; resolving leaves it alone.
func TestADismissedFindingStaysSo(t *testing.T) {
	w := agentWorld(t)
	keep(t, w.writer, found(3, 1))
	if err := w.writer.ResolveFindings(t.Context(), 3, nil); err != nil {
		t.Fatal(err)
	}
	attributes := map[string]types.AttributeValue{}
	for name, value := range map[string]string{"uuid": uuid(1), "state": storeagents.FindingDismissed, "first_seen": "2020-01-01T00:00:00Z"} {
		attributes[name] = &types.AttributeValueMemberS{Value: value}
	}
	w.putItem("findings#3", "finding#"+uuid(1), attributes)
	again := found(3, 1)
	again.Payload = `{"again":true}`
	keep(t, w.writer, again)
	if err := w.writer.ResolveFindings(t.Context(), 3, nil); err != nil {
		t.Fatal(err)
	}
	f, err := w.writer.Finding(t.Context(), 3, uuid(1))
	if err != nil || f.State != storeagents.FindingDismissed || f.Payload != again.Payload || f.FirstSeen != "2020-01-01T00:00:00Z" || f.LastSeen == "" {
		t.Errorf("found %+v, %v", f, err)
	}
}

func TestAResolvedFindingThatIsKeptAgainIsDetected(t *testing.T) {
	_, s := findings(t)
	for range 2 {
		keep(t, s, found(3, 1))
		if got := state(t, s, 3, 1); got != storeagents.FindingDetected {
			t.Fatalf("state %s, want detected", got)
		}
		if err := s.ResolveFindings(t.Context(), 3, nil); err != nil {
			t.Fatal(err)
		}
		if got := state(t, s, 3, 1); got != storeagents.FindingResolved {
			t.Fatalf("state %s, want resolved", got)
		}
	}
}

// Only what changes is written, only of the one agent, and a call that is cut off is finished by the next one.
func TestResolvingWritesWhatChanges(t *testing.T) {
	const many, gone = 150, 120
	api, s := findings(t)
	listed := map[string]bool{}
	for n := range many {
		keep(t, s, found(3, n))
		if n >= gone {
			listed[uuid(n)] = true
		}
	}
	keep(t, s, found(4, 0))
	api.items.Store(0)
	api.left.Store(1)
	if err := s.ResolveFindings(t.Context(), 3, listed); err == nil {
		t.Fatal("a call that was cut off says that it went well")
	}
	api.left.Store(1 << 40)
	for range 2 {
		if err := s.ResolveFindings(t.Context(), 3, listed); err != nil {
			t.Fatal(err)
		}
	}
	if got := api.items.Load(); got != 2*gone {
		t.Errorf("%d items written, want %d: each finding and its entry once", got, 2*gone)
	}
	for n := range many {
		want := storeagents.FindingResolved
		if n >= gone {
			want = storeagents.FindingDetected
		}
		if got := state(t, s, 3, n); got != want {
			t.Errorf("finding %d is %s, want %s", n, got, want)
		}
	}
	if got := state(t, s, 4, 0); got != storeagents.FindingDetected {
		t.Errorf("another agent's finding is %s", got)
	}
}

// Resolving by two calls at once, while findings are told again, ends with each finding either open or resolved.
func TestResolvingAtOnce(t *testing.T) {
	_, s := findings(t)
	for n := range 50 {
		keep(t, s, found(3, n))
	}
	together(t, 4, func(i int) error {
		if i == 0 {
			return s.KeepFinding(t.Context(), found(3, 7))
		}
		return s.ResolveFindings(t.Context(), 3, nil)
	})
	if err := s.ResolveFindings(t.Context(), 3, nil); err != nil {
		t.Fatal(err)
	}
	for n := range 50 {
		if got := state(t, s, 3, n); got != storeagents.FindingResolved {
			t.Errorf("finding %d is %s", n, got)
		}
	}
}

func TestFindingsGoWithTheirAgent(t *testing.T) {
	w := agentWorld(t)
	keep(t, w.writer, found(3, 1))
	w.apply(`{"remove":{"agents":[{"id":3}]}}`)
	if got := state(t, w.writer, 3, 1); got != "none" {
		t.Errorf("state %s, want none", got)
	}
}
