package requestlog

import (
	"bytes"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"postern/shared/metrics/metricstest"
)

// measured writes the record with metrics in it and returns the line.
func measured(t testing.TB, r *Record, level slog.Level, status int) []byte {
	t.Helper()
	var out bytes.Buffer
	r.Write(t.Context(), slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: level})), "Postern/live", status, 1500*time.Microsecond)
	return out.Bytes()
}

func request(change func(*Record)) *Record {
	r := &Record{}
	r.Begin(start, false)
	r.SetRoute("gitaccess", "POST", "/internal/allowed")
	change(r)
	return r
}

func TestMetricsOfARequest(t *testing.T) {
	const took = "duration_ms by family=gitaccess, route=/internal/allowed: 1.5"
	rows := []struct {
		name   string
		record *Record
		status int
		want   []string
	}{
		{"its latency", request(func(*Record) {}), 200, []string{took}},
		{"what it asked of the table", request(func(r *Record) { r.CountCall(4.5, 0); r.CountCall(0, 2) }), 200, []string{
			took, "dynamodb_calls by family=gitaccess: 2", "dynamodb_read_units by family=gitaccess: 4.5", "dynamodb_write_units by family=gitaccess: 2",
		}},
		{"that it was allowed", request(func(r *Record) { r.SetDecision("allowed", "") }), 200, []string{
			took, "requests by decision=allowed, family=gitaccess: 1",
		}},
		{"which check denied it", request(func(r *Record) { r.SetDecision("denied", "archived") }), 401, []string{
			took, "requests by decision=denied, family=gitaccess: 1", "requests by failed_check=archived, family=gitaccess: 1",
			"requests by failed_check=archived: 1",
		}},
		{"that it failed", request(func(*Record) {}), 503, []string{
			took, "failures by family=gitaccess, route=/internal/allowed: 1",
		}},
		{"what no route answers counts for nothing", request(func(r *Record) { r.SetRoute("gitaccess", "POST", "") }), 404, nil},
		{"what no family answers counts for nothing", request(func(r *Record) { r.SetRoute("", "POST", "/x") }), 404, nil},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			data := metricstest.Read(t, measured(t, row.record, slog.LevelInfo, row.status))
			slices.Sort(row.want)
			if got := metricstest.Strings(data); !slices.Equal(got, row.want) {
				t.Errorf("got  %q\nwant %q", got, row.want)
			}
			for _, d := range data {
				if d.Namespace != "Postern/live" || !d.At.Equal(start.Add(time.Millisecond)) {
					t.Errorf("%v in %s at %v", d, d.Namespace, d.At)
				}
			}
		})
	}
}

// At a higher log level the numbers are still written, without the subjects of the request.
func TestMetricsWithoutTheLine(t *testing.T) {
	r := request(func(r *Record) {
		r.SetActor("user-1")
		r.SetContainer("project-3")
		r.SetRequestID("id-1")
		r.SetDecision("denied", "archived")
	})
	quiet, loud := measured(t, r, slog.LevelWarn, 401), measured(t, r, slog.LevelInfo, 401)
	if got, want := metricstest.Strings(metricstest.Read(t, quiet)), metricstest.Strings(metricstest.Read(t, loud)); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	for _, told := range []string{"user-1", "project-3", "id-1", `"request"`} {
		if strings.Contains(string(quiet), told) || !strings.Contains(string(loud), told) {
			t.Errorf("%s: %s\n%s", told, quiet, loud)
		}
	}
}

// CloudWatch accepts every metric that the line of any record declares. Read fails the test for each dropped one.
func TestMetricsAreWhatCloudWatchTakes(t *testing.T) {
	names := rapid.SampledFrom([]string{"", "gitaccess", "/internal/allowed", "denied", "No such authority."})
	rapid.Check(t, func(rt *rapid.T) {
		r := &Record{}
		r.Begin(start, true)
		r.SetRoute(names.Draw(rt, "family"), "GET", names.Draw(rt, "route"))
		r.SetDecision(names.Draw(rt, "decision"), names.Draw(rt, "check"))
		for range rapid.IntRange(0, 3).Draw(rt, "calls") {
			r.CountCall(0.5, 1)
		}
		status := rapid.SampledFrom([]int{200, 401, 404, 500, 503}).Draw(rt, "status")
		line := measured(t, r, slog.LevelInfo, status)
		if n := bytes.Count(line, []byte("\n")); n != 1 {
			rt.Errorf("%d lines", n)
		}
		metricstest.Read(t, line)
	})
}
