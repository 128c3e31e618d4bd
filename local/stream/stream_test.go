package stream

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	streamtypes "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
	"go.uber.org/goleak"

	"postern/shared/storetest"
	"postern/shared/storetest/definition"
	"postern/shared/storetest/dynamodblocal"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// function answers invocations by its rules, and keeps the numbers of the records that were done.
type function struct {
	poison map[string]bool // numbers of records that fail always
	crash  map[string]bool // numbers of records at which the whole invocation fails
	once   map[string]bool // numbers of records that fail once
	done   []string
	calls  int
}

func (f *function) Invoke(_ context.Context, payload []byte) ([]byte, error) {
	f.calls++
	var event events.DynamoDBEvent
	if err := json.Unmarshal(payload, &event); err != nil {
		return nil, err
	}
	answer := events.DynamoDBEventResponse{BatchItemFailures: []events.DynamoDBBatchItemFailure{}}
	for _, r := range event.Records {
		n := r.Change.SequenceNumber
		switch {
		case f.crash[n]:
			return nil, errors.New("crash")
		case f.poison[n], f.once[n]:
			delete(f.once, n)
			answer.BatchItemFailures = append(answer.BatchItemFailures, events.DynamoDBBatchItemFailure{ItemIdentifier: n})
		default:
			f.done = append(f.done, n)
		}
	}
	return json.Marshal(answer)
}

func set(numbers ...string) map[string]bool {
	m := map[string]bool{}
	for _, n := range numbers {
		m[n] = true
	}
	return m
}

func TestBatches(t *testing.T) {
	rows := []struct {
		name     string
		function function
		done     []string // each at least once, in the order of their last time
		givenUp  []string
	}{
		{"all go well", function{}, []string{"0", "1", "2", "3"}, nil},
		{"one fails once", function{once: set("2")}, []string{"0", "1", "2", "3"}, nil},
		{"one fails always", function{poison: set("1")}, []string{"0", "2", "3"}, []string{"1"}},
		{"two fail always", function{poison: set("0", "3")}, []string{"1", "2"}, []string{"0", "3"}},
		{"one lets the invocation fail", function{crash: set("2")}, []string{"0", "1", "3"}, []string{"2"}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			var givenUp []string
			p := poller{Options: Options{
				Function: &row.function, Every: time.Microsecond, Attempts: 3, Batch: 10,
				GiveUp: func(_ context.Context, r *events.DynamoDBEventRecord, _ error) error {
					givenUp = append(givenUp, r.Change.SequenceNumber)
					return nil
				},
			}}
			records := make([]events.DynamoDBEventRecord, 4)
			for i := range records {
				records[i].Change.SequenceNumber = strconv.Itoa(i)
			}
			if err := p.batch(t.Context(), records); err != nil {
				t.Fatal(err)
			}
			done := slices.Clone(row.function.done)
			slices.Sort(done)
			if done = slices.Compact(done); !slices.Equal(done, row.done) || !slices.Equal(givenUp, row.givenUp) {
				t.Errorf("done %v, given up %v; want %v, %v", done, givenUp, row.done, row.givenUp)
			}
		})
	}
}

func TestARecordThatCannotBeGivenUpIsNotLost(t *testing.T) {
	full := errors.New("full")
	p := poller{Options: Options{
		Function: &function{poison: set("0")}, Every: time.Microsecond, Attempts: 1,
		GiveUp: func(context.Context, *events.DynamoDBEventRecord, error) error { return full },
	}}
	s := &shard{}
	err := p.batch(t.Context(), []events.DynamoDBEventRecord{{Change: events.DynamoDBStreamRecord{SequenceNumber: "0"}}})
	if !errors.Is(err, full) || s.last != "" {
		t.Errorf("error %v, last %q", err, s.last)
	}
}

func TestRecordsHaveLambdasForm(t *testing.T) {
	got, err := streamed(map[string]streamtypes.AttributeValue{
		"s": &streamtypes.AttributeValueMemberS{Value: "a"}, "n": &streamtypes.AttributeValueMemberN{Value: "1"},
		"b": &streamtypes.AttributeValueMemberB{Value: []byte("x")}, "t": &streamtypes.AttributeValueMemberBOOL{Value: true},
		"nul": &streamtypes.AttributeValueMemberNULL{Value: true},
		"ss":  &streamtypes.AttributeValueMemberSS{Value: []string{"a"}}, "ns": &streamtypes.AttributeValueMemberNS{Value: []string{"1"}},
		"bs": &streamtypes.AttributeValueMemberBS{Value: [][]byte{[]byte("x")}},
		"m": &streamtypes.AttributeValueMemberM{Value: map[string]streamtypes.AttributeValue{
			"l": &streamtypes.AttributeValueMemberL{Value: []streamtypes.AttributeValue{&streamtypes.AttributeValueMemberS{Value: "deep"}}},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	plain := []any{
		got["s"].String(), got["n"].Number(), string(got["b"].Binary()), got["t"].Boolean(), got["nul"].IsNull(),
		got["ss"].StringSet(), got["ns"].NumberSet(), string(got["bs"].BinarySet()[0]), got["m"].Map()["l"].List()[0].String(),
	}
	want := []any{"a", "1", "x", true, true, []string{"a"}, []string{"1"}, "x", "deep"}
	if !reflect.DeepEqual(plain, want) {
		t.Errorf("%v, want %v", plain, want)
	}
	if _, err := streamed(map[string]streamtypes.AttributeValue{"x": &streamtypes.UnknownUnionMember{}}); !errors.Is(err, errValue) {
		t.Errorf("a value of the future: %v", err)
	}
}

// The real stream of a table: every item comes, in order, and the end of the context is the end.
func TestRunOnDynamoDBLocal(t *testing.T) {
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	db, table := streaming(t, client)
	described, err := db.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: &table})
	if err != nil {
		t.Fatal(err)
	}
	put := func(n int) {
		_, err := db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table, Item: map[string]types.AttributeValue{
			"pk": &types.AttributeValueMemberS{Value: "p"}, "sk": &types.AttributeValueMemberS{Value: fmt.Sprintf("%03d", n)},
			"map": &types.AttributeValueMemberM{}, "list": &types.AttributeValueMemberL{Value: []types.AttributeValue{
				&types.AttributeValueMemberM{}, &types.AttributeValueMemberL{},
			}},
			"flag": &types.AttributeValueMemberBOOL{Value: false},
		}})
		if err != nil {
			t.Fatal(err)
		}
	}
	for n := range 30 {
		put(n)
	}
	seen := make(chan string, 200)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan bool)
	endpoint := os.Getenv("POSTERN_DYNAMODB")
	go func() {
		Run(ctx, Options{
			API: dynamodbstreams.NewFromConfig(dynamodblocal.Config(client), func(o *dynamodbstreams.Options) { o.BaseEndpoint = aws.String(endpoint) }),
			ARN: *described.Table.LatestStreamArn, Every: 10 * time.Millisecond, Batch: 7, Attempts: 1, Logger: slog.New(slog.DiscardHandler),
			Function: invoked(func(e *events.DynamoDBEvent) {
				for _, r := range e.Records {
					seen <- r.Change.Keys["sk"].String()
				}
			}),
			Wants: func(r *events.DynamoDBEventRecord) bool { return r.Change.Keys["sk"].String() != "013" },
			Read: func(ctx context.Context, key map[string]events.DynamoDBAttributeValue) (map[string]events.DynamoDBAttributeValue, error) {
				out, err := db.GetItem(ctx, &dynamodb.GetItemInput{TableName: &table, Key: map[string]types.AttributeValue{
					"pk": &types.AttributeValueMemberS{Value: key["pk"].String()}, "sk": &types.AttributeValueMemberS{Value: key["sk"].String()},
				}})
				if err != nil {
					return nil, err
				}
				return Image(out.Item)
			},
		})
		close(ended)
	}()
	for n := range 30 {
		if n == 13 {
			continue
		}
		if got, want := <-seen, fmt.Sprintf("%03d", n); got != want {
			t.Fatalf("record %s, want %s", got, want)
		}
	}
	put(30)
	if got := <-seen; got != "030" {
		t.Errorf("record %s, want 030", got)
	}
	cancel()
	<-ended
}

type invoked func(*events.DynamoDBEvent)

func (f invoked) Invoke(_ context.Context, payload []byte) ([]byte, error) {
	var e events.DynamoDBEvent
	if err := json.Unmarshal(payload, &e); err != nil {
		return nil, err
	}
	f(&e)
	return []byte(`{"batchItemFailures":[]}`), nil
}

// streaming makes a table with a stream on the DynamoDB Local that runs.
func streaming(t *testing.T, doer *http.Client) (*dynamodb.Client, string) {
	t.Helper()
	endpoint := os.Getenv("POSTERN_DYNAMODB")
	if endpoint == "" {
		t.Fatal("POSTERN_DYNAMODB names no DynamoDB Local: run the tests with make test")
	}
	table, err := definition.Read(filepath.Join(storetest.Root(t), definition.Template))
	if err != nil {
		t.Fatal(err)
	}
	db, name := dynamodblocal.Client(endpoint, doer), "test-"+rand.Text()
	if _, err := table.Create(t.Context(), db, name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, _ = db.DeleteTable(context.Background(), &dynamodb.DeleteTableInput{TableName: &name})
		doer.CloseIdleConnections()
	})
	return db, name
}

// DynamoDB Local writes some empty maps and lists in a form that the SDK cannot decode. Such a record of another item is skipped.
// A wanted item is read from the table. A record that stays unreadable goes to the queue, and the next one is processed.
func TestUnreadableRecordsDelayNoOthers(t *testing.T) {
	text := func(s string) streamtypes.AttributeValue { return &streamtypes.AttributeValueMemberS{Value: s} }
	list := func(v ...streamtypes.AttributeValue) streamtypes.AttributeValue {
		return &streamtypes.AttributeValueMemberL{Value: v}
	}
	unknown := &streamtypes.UnknownUnionMember{Tag: "X"}
	rows := []struct {
		name, key string
		value     streamtypes.AttributeValue
		stored    bool
		done      bool
		givenUp   bool
	}{
		{"another item", "other", unknown, false, false, false},
		{"unknown value, stored", "wanted", unknown, true, true, false},
		{"unknown value, not stored", "wanted", unknown, false, false, true},
		{"nested unknown value, stored", "wanted", list(&streamtypes.AttributeValueMemberM{Value: map[string]streamtypes.AttributeValue{"x": unknown}}), true, true, false},
		{"missing value in a list, stored", "wanted", list(nil), true, true, false},
		{"missing value, not stored", "wanted", nil, false, false, true},
		{"empty map", "wanted", &streamtypes.AttributeValueMemberM{}, false, true, false},
		{"empty list", "wanted", list(), false, true, false},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			record := func(n, pk string, v streamtypes.AttributeValue) streamtypes.Record {
				return streamtypes.Record{EventName: "INSERT", Dynamodb: &streamtypes.StreamRecord{
					SequenceNumber: &n, Keys: map[string]streamtypes.AttributeValue{"pk": text(pk), "sk": text("s")},
					NewImage: map[string]streamtypes.AttributeValue{"pk": text(pk), "v": v},
				}}
			}
			f, givenUp := &function{}, 0
			p := poller{Options: Options{
				Function: f, Every: time.Microsecond, Attempts: 2, Batch: 10,
				Wants: func(r *events.DynamoDBEventRecord) bool { return r.Change.Keys["pk"].String() == "wanted" },
				Read: func(context.Context, map[string]events.DynamoDBAttributeValue) (map[string]events.DynamoDBAttributeValue, error) {
					if !row.stored {
						return nil, nil
					}
					return map[string]events.DynamoDBAttributeValue{"v": events.NewStringAttribute("stored")}, nil
				},
				GiveUp: func(context.Context, *events.DynamoDBEventRecord, error) error { givenUp++; return nil },
			}}
			s := &shard{}
			records := []streamtypes.Record{record("1", row.key, row.value), record("2", "wanted", text("next"))}
			if err := p.deliver(t.Context(), s, records); err != nil {
				t.Fatal(err)
			}
			want := []string{"2"}
			if row.done {
				want = []string{"1", "2"}
			}
			if !slices.Equal(f.done, want) || (givenUp == 1) != row.givenUp || s.last != "2" {
				t.Errorf("done %v, given up %d, last %q; want %v", f.done, givenUp, s.last, want)
			}
		})
	}
}

func TestTruncatedRecordsAreSkipped(t *testing.T) {
	f := &function{}
	p := poller{Options: Options{
		Function: f, Every: time.Microsecond, Attempts: 1, Batch: 10,
		Wants: func(r *events.DynamoDBEventRecord) bool { return len(r.Change.Keys) > 0 },
	}}
	if err := p.deliver(t.Context(), &shard{}, []streamtypes.Record{{}, {Dynamodb: &streamtypes.StreamRecord{}}}); err != nil || f.calls != 0 {
		t.Errorf("%v, %d calls", err, f.calls)
	}
}
