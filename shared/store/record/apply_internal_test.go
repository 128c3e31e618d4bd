package record

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"postern/shared/gitlab"
	"postern/shared/requestlog"
	"postern/shared/table"
)

// scripted answers transactions with errors in turn, and then with success.
type scripted struct {
	table.API
	errs   []error
	tokens []string
	items  []int
}

func (s *scripted) TransactWriteItems(
	_ context.Context, in *dynamodb.TransactWriteItemsInput, _ ...func(*dynamodb.Options),
) (*dynamodb.TransactWriteItemsOutput, error) {
	s.tokens = append(s.tokens, *in.ClientRequestToken)
	s.items = append(s.items, len(in.TransactItems))
	if len(s.errs) == 0 {
		return &dynamodb.TransactWriteItemsOutput{}, nil
	}
	err := s.errs[0]
	s.errs = s.errs[1:]
	return nil, err
}

// cancelled is a cancelled transaction with a reason for each item.
func cancelled(codes ...string) error {
	err := &types.TransactionCanceledException{}
	for _, code := range codes {
		err.CancellationReasons = append(err.CancellationReasons, types.CancellationReason{Code: &code})
	}
	return err
}

func TestApplyJudgesCancelledTransactions(t *testing.T) {
	const ok, failed, busy = "None", "ConditionalCheckFailed", "TransactionConflict"
	network := errors.New("connection reset")
	// Its operations: the project, its catalog item, its child item, a hint, and the check of its namespace.
	create := Change{New: ProjectRecord(&PlacedProject{
		Project: gitlab.Project{ID: 7, NamespaceID: 20, Path: "app"}, Place: Place{Paths: []string{"acme/app"}},
	})}
	tests := []struct {
		name   string
		change Change
		errs   []error
		calls  int
		reason ConflictReason // "" for no conflict
		err    error
	}{
		{"written at once", create, nil, 1, "", nil},
		{"repeated while it collides", create, []error{cancelled(ok, ok, busy, ok, ok), cancelled(busy, ok, ok, ok, ok)}, 3, "", nil},
		{"repeated while it is throttled", create, []error{cancelled(ok, ok, ok, ok, "ThrottlingError")}, 2, "", nil},
		{"the record is there already", create, []error{cancelled(failed, ok, ok, ok, ok)}, 1, ConflictChanged, nil},
		{"the path is taken", create, []error{cancelled(ok, ok, failed, ok, ok)}, 1, ConflictTaken, nil},
		{"the namespace is gone", create, []error{cancelled(ok, ok, ok, ok, failed)}, 1, ConflictGone, nil},
		{"a conflict counts more than a collision", create, []error{cancelled(ok, ok, failed, ok, busy)}, 1, ConflictTaken, nil},
		{
			"a hint that somebody took over is left to them",
			Change{Old: read(create.New, 1)},
			[]error{cancelled(ok, ok, ok, failed)},
			2, "", nil,
		},
		{"another reason is no conflict", create, []error{cancelled(ok, ok, "ValidationError", ok, ok)}, 1, "", &table.UnavailableError{}},
		{"another error is passed on", create, []error{network}, 1, "", network},
		{"a cancelled context is passed on", create, []error{context.Canceled}, 1, "", context.Canceled},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			api := &scripted{errs: test.errs}
			err := New(table.New(api, "t", time.Now)).Apply(t.Context(), test.change)
			var conflict *ConflictError
			var unavailable *table.UnavailableError
			switch {
			case test.reason != "":
				if !errors.As(err, &conflict) || conflict.Reason != test.reason || !errors.Is(err, table.ErrConflict) {
					t.Errorf("got %v", err)
				}
			case errors.As(test.err, &unavailable):
				if !errors.As(err, &unavailable) {
					t.Errorf("got %v", err)
				}
			case !errors.Is(err, test.err):
				t.Errorf("got %v, want %v", err, test.err)
			}
			if len(api.tokens) != test.calls {
				t.Errorf("%d calls, want %d", len(api.tokens), test.calls)
			}
		})
	}
}

func TestApplyKeepsItsTokenWhileItWritesTheSame(t *testing.T) {
	create := Change{New: UserRecord(ann())}
	api := &scripted{errs: []error{cancelled("TransactionConflict", "None", "None")}}
	if err := New(table.New(api, "t", time.Now)).Apply(t.Context(), create); err != nil {
		t.Fatalf("apply: %v", err)
	}
	if len(api.tokens) != 2 || api.tokens[0] != api.tokens[1] || api.tokens[0] == "" {
		t.Errorf("tokens %q", api.tokens)
	}
	if err := New(table.New(api, "t", time.Now)).Apply(t.Context(), create); err != nil {
		t.Fatalf("apply: %v", err)
	}
	if api.tokens[2] == api.tokens[1] {
		t.Error("two transactions share a token")
	}
}

func TestApplyGivesUpInTheEnd(t *testing.T) {
	var errs []error
	for range table.Attempts {
		errs = append(errs, cancelled("TransactionConflict", "None", "None"))
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	api := &scripted{errs: errs}
	err := New(table.New(api, "t", time.Now)).Apply(ctx, Change{New: UserRecord(ann())})
	var unavailable *table.UnavailableError
	if !errors.As(err, &unavailable) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

func TestApplyEachTellsWhichSetFailed(t *testing.T) {
	users := func(n gitlab.ID) []Change {
		return []Change{{New: UserRecord(with(ann(), func(u *gitlab.User) { u.ID, u.Username, u.Email = n, table.ID(n), table.ID(n) }))}}
	}
	refused := cancelled("None", "ConditionalCheckFailed", "None")
	api := &scripted{errs: []error{cancelled("None", "None", "None", "ConditionalCheckFailed"), nil, refused}}
	api.errs[1] = cancelled("TransactionConflict", "None", "None") // the first, alone, collides once
	errs := New(table.New(api, "t", time.Now)).ApplyEach(t.Context(), [][]Change{users(1), users(2), users(3)})
	if len(errs) != 3 {
		t.Fatalf("got %v", errs)
	}
	failures := 0
	for _, err := range errs {
		if errors.Is(err, table.ErrConflict) {
			failures++
		}
	}
	if failures != 1 {
		t.Errorf("got %v", errs)
	}
	if api.items[0] != 12 || api.items[1] != 4 {
		t.Errorf("items of the transactions: %v", api.items)
	}
	if errs := New(table.New(&scripted{}, "t", time.Now)).ApplyEach(t.Context(), [][]Change{users(1), users(2)}); errs != nil {
		t.Errorf("all went well, but %v", errs)
	}
	network := errors.New("connection reset")
	errs = New(table.New(&scripted{errs: []error{network}}, "t", time.Now)).ApplyEach(t.Context(), [][]Change{users(1), users(2)})
	if len(errs) != 2 || !errors.Is(errs[0], network) || !errors.Is(errs[1], network) {
		t.Errorf("got %v", errs)
	}
}

func TestWriteUnitsAreComputed(t *testing.T) {
	tests := []struct {
		name   string
		change Change
		want   float64
	}{
		{"a user: two units for each of four small items", Change{New: UserRecord(ann())}, 8},
		{"nothing", Change{Old: read(UserRecord(ann()), 1), New: UserRecord(ann())}, 0},
		{"a policy of 3 KB and the check of its project", Change{New: SecurityPolicyRecord(&gitlab.SecurityPolicy{
			ProjectID: id(7), Name: "p", YAML: string(make([]byte, 2500)),
		})}, 8},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			record := &requestlog.Record{}
			ctx := requestlog.With(t.Context(), record)
			if err := New(table.New(&scripted{}, "t", time.Now)).Apply(ctx, test.change); err != nil {
				t.Fatalf("apply: %v", err)
			}
			if _, units := record.Units(); units != test.want {
				t.Errorf("%v units, want %v", units, test.want)
			}
		})
	}
}
