package directory

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"go.uber.org/goleak"

	"postern/shared/directory/document"
	"postern/shared/metrics/metricstest"
	"postern/shared/store"
	"postern/shared/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	right = `{"users": [{"id": 1, "username": "ann", "name": "Ann", "email": "ann@example.com"}],
		"agent_tokens": [], "scim_tokens": [{"token": "very-secret"}]}`
	wrong = `{"users": [{"id": 1, "username": "-"}], "scim_tokens": [{"token": ["very-secret"]}]}`
)

// function is a function with its own table, bucket and log.
type function struct {
	lambda.Handler
	bucket *bucket
	log    *bytes.Buffer
}

func newFunction(t *testing.T) function {
	t.Helper()
	client, table := storetest.Open(t)
	f := function{bucket: newBucket(), log: &bytes.Buffer{}}
	f.Handler = New(Deps{
		Store:   store.New(client, table, time.Now),
		Objects: f.bucket,
		Logger:  slog.New(slog.NewJSONHandler(f.log, nil)),
		Metrics: "Postern/test",
		Now:     time.Now,
	})
	return f
}

// lines decodes the log.
func (f function) lines(t *testing.T) []map[string]any {
	t.Helper()
	var lines []map[string]any
	for text := range strings.Lines(f.log.String()) {
		var line map[string]any
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			t.Fatalf("log line %q: %v", text, err)
		}
		lines = append(lines, line)
	}
	return lines
}

func TestPayloadIsLoaded(t *testing.T) {
	tests := []struct {
		name, payload, answer, outcome string
	}{
		{"a valid document", right, `{"counts":{"scim_tokens":{"created":1,"updated":0,"unchanged":0,"removed":0},` +
			`"users":{"created":1,"updated":0,"unchanged":0,"removed":0}}}`, "applied"},
		{
			"a document with mistakes", wrong, `{"mistakes":[{"place":"users[0].username","message":"can contain only letters, digits, '_', '-' ` +
				`and '.', and can't start with '-' or end in '.', '.git' or '.atom'"},{"place":"users[0].name","message":"is required"},` +
				`{"place":"users[0].email","message":"is required"},{"place":"scim_tokens[0].token","message":"must be a string"}]}`,
			"refused",
		},
		{
			"a preview", strings.Replace(right, "{", `{"dry_run": true,`, 1),
			`{"counts":{"scim_tokens":{"created":1,"updated":0,"unchanged":0,"removed":0},` +
				`"users":{"created":1,"updated":0,"unchanged":0,"removed":0}},"dry_run":true,"changes":[` +
				`{"place":"users[0]","kind":"users","identity":{"id":1},"outcome":"created"},` +
				`{"place":"users[0]","kind":"namespaces","identity":{"id":1000000000001},"outcome":"created"},` +
				`{"place":"scim_tokens[0]","kind":"scim_tokens","outcome":"created"}]}`, "previewed",
		},
		{"an empty document", `{}`, `{}`, "applied"},
		{
			"malformed JSON", `{"users`, `{"mistakes":[{"place":"","message":"is not valid JSON near byte 1: unexpected EOF"}]}`,
			"refused",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := newFunction(t)
			ctx := lambdacontext.NewContext(t.Context(), &lambdacontext.LambdaContext{AwsRequestID: "request-1"})
			answer, err := f.Invoke(ctx, []byte(test.payload))
			if err != nil {
				t.Fatalf("invoke: %v", err)
			}
			var got, want bytes.Buffer
			_ = json.Compact(&got, bytes.ReplaceAll(answer, []byte(`\u0026`), []byte("&")))
			_ = json.Compact(&want, []byte(test.answer))
			if got.String() != want.String() {
				t.Errorf("got  %s\nwant %s", got.String(), want.String())
			}
			lines := f.lines(t)
			if len(lines) != 1 {
				t.Fatalf("%d lines in the log", len(lines))
			}
			line := lines[0]
			if line["outcome"] != test.outcome || line["request_id"] != "request-1" || line["document"] != "payload" {
				t.Errorf("logged %v", line)
			}
			data := metricstest.Read(t, f.log.Bytes())
			if took := data[0]; len(data) != 4 || took.Names() != "duration_ms by family, outcome" || took.Dimensions["outcome"] != test.outcome {
				t.Errorf("counted %v", data)
			}
			if strings.Contains(f.log.String()+string(answer), "very-secret") {
				t.Error("the log or the answer contains a secret")
			}
		})
	}
}

func TestLogCountsTableUse(t *testing.T) {
	f := newFunction(t)
	if _, err := f.Invoke(t.Context(), []byte(right)); err != nil {
		t.Fatalf("invoke: %v", err)
	}
	line := f.lines(t)[0]
	for _, field := range []string{"dynamodb_calls", "dynamodb_write_units"} {
		if n, ok := line[field].(float64); !ok || n < 2 {
			t.Errorf("%s is %v", field, line[field])
		}
	}
}

// dropped is the event of a new object in the bucket.
func dropped(key, version string) string {
	return fmt.Sprintf(`{"Records": [{"eventSource": "aws:s3", "eventName": "ObjectCreated:Put",
		"s3": {"bucket": {"name": "documents"}, "object": {"key": %q, "versionId": %q}}}]}`, key, version)
}

func TestBucketEventLoadsDocument(t *testing.T) {
	tests := []struct {
		name, event string
		want        string // prefix of the answer
		err         error
	}{
		{"a valid document", dropped("right.json", ""), `{"counts":{"scim_tokens":{"created":1`, nil},
		{"an encoded name", dropped("a+b%2Fright.json", ""), `{"counts"`, nil},
		{"the version of the event", dropped("changed.json", "1"), `{"counts"`, nil},
		{"the newest version", dropped("changed.json", ""), ``, ErrRefused},
		{"a document with mistakes", dropped("wrong.json", ""), ``, ErrRefused},
		{"a missing object", dropped("none.json", ""), ``, errNoObject},
		{
			"a single record", `{"s3": {"bucket": {"name": "documents"}, "object": {"key": "right.json"}}}`,
			`{"counts"`, nil,
		},
		{"several records", `{"Records": [{"s3": {"bucket": {"name": "documents"}, "object": {"key": "right.json"}}},
			{"s3": {"bucket": {"name": "documents"}, "object": {"key": "a b/right.json"}}}]}`, `[{"counts"`, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := newFunction(t)
			f.bucket.put("right.json", right)
			f.bucket.put("a b/right.json", right)
			f.bucket.put("wrong.json", wrong)
			f.bucket.put("changed.json", right)
			f.bucket.put("changed.json", wrong)
			answer, err := f.Invoke(t.Context(), []byte(test.event))
			if !errors.Is(err, test.err) {
				t.Fatalf("got error %v, want %v", err, test.err)
			}
			if !strings.HasPrefix(string(answer), test.want) {
				t.Errorf("got %s", answer)
			}
			if len(f.lines(t)) == 0 {
				t.Error("the log is empty")
			}
		})
	}
}

func TestRefusedEventListsMistakes(t *testing.T) {
	f := newFunction(t)
	f.bucket.put("wrong.json", wrong)
	_, err := f.Invoke(t.Context(), []byte(dropped("wrong.json", "")))
	if err == nil || !strings.Contains(err.Error(), "documents/wrong.json\nusers[0].username: can contain only") ||
		!strings.Contains(err.Error(), "\nusers[0].email: is required") {
		t.Errorf("got %v", err)
	}
}

func TestEventWithoutBucketFails(t *testing.T) {
	var log bytes.Buffer
	f := New(Deps{Logger: slog.New(slog.NewJSONHandler(&log, nil)), Now: time.Now})
	if _, err := f.Invoke(t.Context(), []byte(dropped("right.json", ""))); err == nil {
		t.Error("no error")
	}
}

func TestFailureIsLoggedAndReturned(t *testing.T) {
	f := newFunction(t)
	f.bucket.put("right.json", right)
	f.bucket.breaks = 1000
	if _, err := f.Invoke(t.Context(), []byte(dropped("right.json", ""))); !errors.Is(err, errBroken) {
		t.Fatalf("got %v", err)
	}
	line := f.lines(t)[0]
	if line["level"] != "ERROR" || line["outcome"] != "failed" || line["cause"] == "" {
		t.Errorf("logged %v", line)
	}
}

func TestLinesFormatsMistakes(t *testing.T) {
	got := lines([]document.Mistake{{Place: "a", Message: "b"}, {Message: "c"}})
	if got != "\na: b\nc" {
		t.Errorf("got %q", got)
	}
}
