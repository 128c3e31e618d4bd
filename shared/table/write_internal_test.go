package table

import (
	"context"
	"errors"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"postern/shared/requestlog"
)

// scripted fails calls with errors in turn, then succeeds. It records each call.
type scripted struct {
	API
	errs     []error
	calls    []string
	tokens   []string
	attempts []int // the SDK's attempts at each single write, 0 for its default
}

func (s *scripted) call(name string, options []func(*dynamodb.Options)) error {
	s.calls = append(s.calls, name)
	var o dynamodb.Options
	for _, set := range options {
		set(&o)
	}
	s.attempts = append(s.attempts, o.RetryMaxAttempts)
	if len(s.errs) == 0 {
		return nil
	}
	err := s.errs[0]
	s.errs = s.errs[1:]
	return err
}

func (s *scripted) PutItem(
	_ context.Context, _ *dynamodb.PutItemInput, options ...func(*dynamodb.Options),
) (*dynamodb.PutItemOutput, error) {
	return &dynamodb.PutItemOutput{ConsumedCapacity: units(2)}, s.call("put", options)
}

func (s *scripted) DeleteItem(
	_ context.Context, _ *dynamodb.DeleteItemInput, options ...func(*dynamodb.Options),
) (*dynamodb.DeleteItemOutput, error) {
	return &dynamodb.DeleteItemOutput{ConsumedCapacity: units(2)}, s.call("delete", options)
}

func (s *scripted) UpdateItem(
	_ context.Context, in *dynamodb.UpdateItemInput, options ...func(*dynamodb.Options),
) (*dynamodb.UpdateItemOutput, error) {
	out := &dynamodb.UpdateItemOutput{ConsumedCapacity: units(2)}
	if in.ReturnValues == types.ReturnValueUpdatedNew {
		out.Attributes = Item{"n": Number(17)}
	}
	return out, s.call("update", options)
}

func (s *scripted) TransactWriteItems(
	_ context.Context, in *dynamodb.TransactWriteItemsInput, options ...func(*dynamodb.Options),
) (*dynamodb.TransactWriteItemsOutput, error) {
	s.tokens = append(s.tokens, *in.ClientRequestToken)
	return &dynamodb.TransactWriteItemsOutput{}, s.call("transact", options)
}

func units(n float64) *types.ConsumedCapacity { return &types.ConsumedCapacity{CapacityUnits: &n} }

// canceled is a canceled transaction with a reason for each item.
func canceled(codes ...string) error {
	err := &types.TransactionCanceledException{}
	for _, code := range codes {
		err.CancellationReasons = append(err.CancellationReasons, types.CancellationReason{Code: &code, Item: Item{"code": String(code)}})
	}
	return err
}

const none, failedCondition, collision, throttled = "None", "ConditionalCheckFailed", "TransactionConflict", "ThrottlingError"

// outcome is the kind of an error.
func outcome(err error) string {
	var unavailable *UnavailableError
	switch {
	case err == nil:
		return "written"
	case errors.Is(err, ErrConflict):
		return "conflict"
	case errors.As(err, &unavailable):
		return "unavailable"
	}
	return err.Error()
}

func TestWritesShareOneRetryRuleAndOneMappingOfErrors(t *testing.T) {
	t.Parallel()
	conflict, network := &types.ConditionalCheckFailedException{}, errors.New("connection reset")
	single := []Write{{Verb: Update, Key: Key{"p", "s"}, Update: "SET a = :a"}}
	two := []Write{PutNew(Key{"p", "1"}, nil), {Verb: Delete, Key: Key{"p", "2"}}}
	rows := []struct {
		name   string
		writes []Write
		errs   []error
		calls  []string
		want   string
	}{
		{"a put", []Write{PutNew(Key{"p", "s"}, nil)}, nil, []string{"put"}, "written"},
		{"a deletion", []Write{{Verb: Delete, Key: Key{"p", "s"}}}, nil, []string{"delete"}, "written"},
		{"an update", single, nil, []string{"update"}, "written"},
		{"a check is a transaction", []Write{{Key: Key{"p", "s"}, If: Present}}, nil, []string{"transact"}, "written"},
		{"an update during a transaction", single, []error{&types.TransactionConflictException{}}, []string{"update", "update"}, "written"},
		{"a failed condition of an update", single, []error{conflict}, []string{"update"}, "conflict"},
		{"a table that cannot be reached", single, []error{network}, []string{"update"}, "unavailable"},
		{"a transaction", two, nil, []string{"transact"}, "written"},
		{"a transaction that collides", two, []error{canceled(none, collision)}, []string{"transact", "transact"}, "written"},
		{"a throttled transaction", two, []error{canceled(throttled, none)}, []string{"transact", "transact"}, "written"},
		{"a failed condition of a transaction", two, []error{canceled(failedCondition, none)}, []string{"transact"}, "conflict"},
		{"a failed condition beside a collision", two, []error{canceled(failedCondition, collision)}, []string{"transact"}, "conflict"},
		{"another reason", two, []error{canceled("ValidationError", none)}, []string{"transact"}, "unavailable"},
		{"a client that went away", two, []error{context.Canceled}, []string{"transact"}, "store: TransactWriteItems: context canceled"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			api := &scripted{errs: row.errs}
			db := New(api, "t", time.Now)
			var err error
			if len(row.writes) == 1 {
				err = db.Write(t.Context(), row.writes[0])
			} else {
				err = db.Transact(t.Context(), row.writes)
			}
			if got := outcome(err); got != row.want || !slices.Equal(api.calls, row.calls) {
				t.Errorf("%s after %q, want %s after %q", got, api.calls, row.want, row.calls)
			}
		})
	}
}

func TestTransactKeepsItsTokenOverAttempts(t *testing.T) {
	t.Parallel()
	api := &scripted{errs: []error{canceled(collision)}}
	db := New(api, "t", time.Now)
	for range 2 {
		if err := db.Transact(t.Context(), []Write{PutNew(Key{"p", "s"}, nil)}); err != nil {
			t.Fatal(err)
		}
	}
	if api.tokens[0] != api.tokens[1] || api.tokens[1] == api.tokens[2] || api.tokens[0] == "" {
		t.Errorf("tokens %q", api.tokens)
	}
}

func TestRetriesEndWithTheContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	api := &scripted{errs: slices.Repeat([]error{canceled(collision)}, Attempts)}
	err := New(api, "t", time.Now).Transact(ctx, []Write{PutNew(Key{"p", "s"}, nil)})
	if outcome(err) != "unavailable" || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

func TestOnceKeepsTheSDKFromRepeating(t *testing.T) {
	t.Parallel()
	api := &scripted{}
	db := New(api, "t", time.Now)
	for _, once := range []bool{false, true} {
		if err := db.Write(t.Context(), Write{Verb: Update, Key: Key{"p", "s"}, Update: "ADD n :n", Once: once}); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(api.attempts, []int{0, 1}) {
		t.Errorf("attempts %v", api.attempts)
	}
}

func TestFailedConditionsNameTheWrites(t *testing.T) {
	t.Parallel()
	api := &scripted{errs: []error{canceled(none, failedCondition, none, failedCondition)}}
	keys := []string{"a", "b", "c", "d"}
	writes := make([]Write, len(keys))
	for i, k := range keys {
		writes[i] = PutNew(Key{"p", k}, nil)
	}
	err := New(api, "t", time.Now).Transact(t.Context(), writes)
	failed := FailedConditions(err)
	if got := slices.Sorted(maps.Keys(failed)); !slices.Equal(got, []int{1, 3}) || Text(failed[1], "code") != failedCondition {
		t.Errorf("failed %v", failed)
	}
	if left := Passing(keys, err); !slices.Equal(left, []string{"a", "c"}) {
		t.Errorf("passing %q", left)
	}
	var condition *ConditionError
	if !errors.As(err, &condition) || condition.First() != 1 {
		t.Errorf("the first is of %v", err)
	}
	if FailedConditions(errors.New("connection reset")) != nil || len(Passing(keys, nil)) != len(keys) {
		t.Error("another error has failed conditions")
	}
}

func TestWriteIfReportsTheCondition(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name    string
		err     error
		written bool
		want    string
	}{
		{"it holds", nil, true, "written"},
		{"it fails", &types.ConditionalCheckFailedException{}, false, "written"},
		{"no answer", errors.New("connection reset"), false, "unavailable"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			api := &scripted{}
			if row.err != nil {
				api.errs = []error{row.err}
			}
			written, err := New(api, "t", time.Now).WriteIf(t.Context(), PutNew(Key{"p", "s"}, nil))
			if written != row.written || outcome(err) != row.want {
				t.Errorf("%t, %v", written, err)
			}
		})
	}
}

func TestAddReturnsTheSum(t *testing.T) {
	t.Parallel()
	if n, err := New(&scripted{}, "t", time.Now).Add(t.Context(), Key{"p", "s"}, "n", 1); n != 17 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
}

func TestEveryAttemptIsCounted(t *testing.T) {
	t.Parallel()
	large := Item{"text": String(string(make([]byte, 2500)))}
	rows := []struct {
		name  string
		errs  []error
		write func(context.Context, *Table) error
		calls int
		units float64
	}{
		{"an update counts what DynamoDB reports", nil, func(ctx context.Context, db *Table) error {
			return db.Write(ctx, Write{Verb: Update, Key: Key{"p", "s"}, Update: "SET a = :a"})
		}, 1, 2},
		{"a failed condition is a call", []error{&types.ConditionalCheckFailedException{}}, func(ctx context.Context, db *Table) error {
			return IgnoreConflict(db.Write(ctx, PutNew(Key{"p", "s"}, nil)))
		}, 1, 0},
		{"a transaction counts two units for each KB begun", nil, func(ctx context.Context, db *Table) error {
			return db.Transact(ctx, []Write{PutNew(Key{"p", "1"}, large), {Key: Key{"p", "2"}, If: Present}})
		}, 1, 8},
		{"a retried transaction counts twice", []error{canceled(collision)}, func(ctx context.Context, db *Table) error {
			return db.Transact(ctx, []Write{{Key: Key{"p", "1"}, If: Present}})
		}, 2, 4},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			record := &requestlog.Record{}
			api := &scripted{errs: row.errs}
			if err := row.write(requestlog.With(t.Context(), record), New(api, "t", time.Now)); err != nil {
				t.Fatal(err)
			}
			if _, got := record.Units(); got != row.units || len(api.calls) != row.calls {
				t.Errorf("%v units in %d calls, want %v in %d", got, len(api.calls), row.units, row.calls)
			}
		})
	}
}
