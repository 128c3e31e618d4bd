package requestlog

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"postern/shared/metrics"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// line writes the record and returns the logged line, nil for no line.
func line(t testing.TB, r *Record, level slog.Level, status int) map[string]any {
	t.Helper()
	var out bytes.Buffer
	r.Write(t.Context(), slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: level})), "", status, 1500*time.Microsecond)
	if out.Len() == 0 {
		return nil
	}
	if n := bytes.Count(out.Bytes(), []byte("\n")); n != 1 {
		t.Errorf("%d lines", n)
	}
	var fields map[string]any
	if err := json.Unmarshal(out.Bytes(), &fields); err != nil {
		t.Fatal(err)
	}
	return fields
}

type checks []string

func (c checks) LogValue() slog.Value {
	var attrs []slog.Attr
	for _, name := range c {
		attrs = append(attrs, slog.String(name, "passed"))
	}
	return slog.GroupValue(attrs...)
}

func TestLineHasTheAgreedFields(t *testing.T) {
	r := &Record{}
	r.Begin(start, true)
	r.SetRequestID("id-1")
	r.SetRoute("gitaccess", "POST", "/internal/allowed")
	r.SetActor("user-1")
	r.SetContainer("project-3")
	r.SetAction("git-upload-pack")
	r.SetDecision("denied", "archived")
	r.CountCall(4, 0)
	r.CountCall(0.5, 2)
	r.SetTrail(checks{"protocol", "archived"})
	r.SetCause(errors.New("first"))
	r.SetCause(errors.New("second"))
	got := line(t, r, slog.LevelInfo, 401)
	if _, err := time.Parse(time.RFC3339Nano, got["time"].(string)); err != nil {
		t.Errorf("time: %v", err)
	}
	delete(got, "time")
	want := map[string]any{
		"level": "INFO", "msg": "request", "request_id": "id-1", "family": "gitaccess", "route": "/internal/allowed",
		"method": "POST", "actor": "user-1", "container": "project-3", "action": "git-upload-pack", "decision": "denied",
		"failed_check": "archived", "status": 401.0, "duration_ms": 1.5, "dynamodb_calls": 2.0, "dynamodb_read_units": 4.5,
		"dynamodb_write_units": 2.0, "cold_start": true, "cause": "first",
	}
	if trail, _ := got["trail"].(map[string]any); trail["protocol"] != "passed" || trail["archived"] != "passed" {
		t.Errorf("trail: %v", got["trail"])
	}
	delete(got, "trail")
	if !maps.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestEmptyLineHasTheAgreedFieldsToo(t *testing.T) {
	got := slices.Sorted(maps.Keys(line(t, &Record{}, slog.LevelInfo, 200)))
	want := []string{
		"action", "actor", "cold_start", "container", "decision", "duration_ms", "dynamodb_calls", "dynamodb_read_units",
		"dynamodb_write_units", "failed_check", "family", "level", "method", "msg", "request_id", "route", "status", "time",
	}
	if !slices.Equal(got, want) {
		t.Errorf("fields %v", got)
	}
}

func TestLevel(t *testing.T) {
	rows := []struct {
		name   string
		level  slog.Level
		status int
		want   any // nil for no line
	}{
		{"a refusal is information", slog.LevelInfo, 404, "INFO"},
		{"a failure is an error", slog.LevelInfo, 500, "ERROR"},
		{"503 is an error", slog.LevelInfo, 503, "ERROR"},
		{"above information, successes leave no line", slog.LevelWarn, 200, nil},
		{"above information, failures leave one", slog.LevelWarn, 500, "ERROR"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			if got := line(t, &Record{}, row.level, row.status)["level"]; got != row.want {
				t.Errorf("level %v, want %v", got, row.want)
			}
		})
	}
}

func TestNoCauseNoField(t *testing.T) {
	r := &Record{}
	r.SetCause(nil)
	if got, there := line(t, r, slog.LevelInfo, 200)["cause"]; there {
		t.Errorf("cause %v", got)
	}
}

// A line stays short and complete for any input of callers.
func TestLongValuesAreCut(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.StringN(0, 2000, -1).Draw(rt, "text")
		r := &Record{}
		r.SetContainer(text)
		r.SetCause(errors.New(text))
		got := line(t, r, slog.LevelInfo, 200)
		container, _ := got["container"].(string)
		cause, _ := got["cause"].(string)
		valid := utf8.ValidString(text)
		if len(cut(text, longest)) > longest || valid && !strings.HasPrefix(text, container) || valid && !strings.HasPrefix(text, cause) {
			rt.Errorf("container %q, cause %q of %q", container, cause, text)
		}
	})
}

func TestElapsed(t *testing.T) {
	r := &Record{}
	if got := r.Elapsed(start); got != 0 {
		t.Errorf("before Begin: %v", got)
	}
	r.Begin(start, false)
	if got := r.Elapsed(start.Add(time.Minute)); got != time.Minute {
		t.Errorf("a minute later: %v", got)
	}
}

func TestContext(t *testing.T) {
	r := &Record{}
	if From(With(t.Context(), r)) != r {
		t.Error("another record")
	}
	for name, ctx := range map[string]context.Context{"no record": t.Context(), "nil record": With(t.Context(), nil)} {
		From(ctx).CountCall(1, 1) // must not panic
		if got := From(ctx).Calls(); got != 0 {
			t.Errorf("%s: %d calls remembered", name, got)
		}
	}
}

// Handlers ask several things at once; the race detector watches.
func TestConcurrentUse(t *testing.T) {
	r := &Record{}
	ctx := With(t.Context(), r)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 100 {
				From(ctx).CountCall(0.5, 1)
				From(ctx).SetActor("user-1")
				From(ctx).SetDecision("allowed", "")
			}
		})
	}
	line(t, r, slog.LevelInfo, 200)
	all.Wait()
	if read, write := r.Units(); r.Calls() != 800 || read != 400 || write != 800 {
		t.Errorf("%d calls, %v and %v units", r.Calls(), read, write)
	}
}

func BenchmarkWrite(b *testing.B) {
	for name, namespace := range map[string]metrics.Namespace{"line": "", "line with metrics": "Postern/live"} {
		b.Run(name, func(b *testing.B) {
			logger := slog.New(slog.NewJSONHandler(struct{ io.Writer }{io.Discard}, nil)) // encodes, unlike DiscardHandler
			r := &Record{}
			r.Begin(start, false)
			r.SetRoute("gitaccess", "POST", "/internal/allowed")
			r.SetDecision("allowed", "")
			r.CountCall(3.5, 0)
			b.ReportAllocs()
			for b.Loop() {
				r.Write(b.Context(), logger, namespace, 200, time.Millisecond)
			}
		})
	}
}
