package metrics_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"slices"
	"testing"
	"time"

	"postern/shared/metrics"
	"postern/shared/metrics/metricstest"
)

var at = time.Date(2026, 3, 1, 12, 0, 0, 500_000_000, time.UTC)

// logged returns the line of Log, nil for none.
func logged(t *testing.T, n metrics.Namespace, wanted, level slog.Level, attrs []slog.Attr, groups ...*metrics.Group) []byte {
	t.Helper()
	var out bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: wanted}))
	n.Log(t.Context(), logger, level, at, "push", attrs, groups...)
	return out.Bytes()
}

var attrs = []slog.Attr{slog.String("family", "postreceive"), slog.String("outcome", "published"), slog.Int("duration_ms", 7), slog.Int("lag_ms", 900)}

func TestLogUsesEmbeddedMetricFormat(t *testing.T) {
	line := logged(t, "Postern/live", slog.LevelInfo, slog.LevelInfo, attrs, &metrics.Work, &metrics.Lag)
	var got map[string]any
	if err := json.Unmarshal(line, &got); err != nil {
		t.Fatal(err)
	}
	want := `{"CloudWatchMetrics":[` +
		`{"Dimensions":[["family","outcome"]],"Metrics":[{"Name":"duration_ms","Unit":"Milliseconds"}],"Namespace":"Postern/live"},` +
		`{"Dimensions":[["family"]],"Metrics":[{"Name":"lag_ms","Unit":"Milliseconds"}],"Namespace":"Postern/live"}],` +
		`"Timestamp":1772366400500}`
	if document, err := json.Marshal(got["_aws"]); err != nil || string(document) != want {
		t.Errorf("got  %s (%v)\nwant %s", document, err, want)
	}
	if got["msg"] != "push" || got["level"] != "INFO" || got["time"] != "2026-03-01T12:00:00.5Z" {
		t.Errorf("line %s", line)
	}
	data := metricstest.Strings(metricstest.Read(t, line))
	if !slices.Equal(data, []string{"duration_ms by family=postreceive, outcome=published: 7", "lag_ms by family=postreceive: 900"}) {
		t.Errorf("data %q", data)
	}
}

func TestLogRespectsLevelAndNamespace(t *testing.T) {
	rows := []struct {
		name          string
		namespace     metrics.Namespace
		wanted, level slog.Level
		groups        []*metrics.Group
		line, metrics bool
	}{
		{"a line with metrics", "P", slog.LevelInfo, slog.LevelInfo, []*metrics.Group{&metrics.Work}, true, true},
		{"metrics ignore the level", "P", slog.LevelError, slog.LevelDebug, []*metrics.Group{&metrics.Work}, true, true},
		{"a line without a namespace", "", slog.LevelInfo, slog.LevelInfo, []*metrics.Group{&metrics.Work}, true, false},
		{"without a namespace the level applies", "", slog.LevelInfo, slog.LevelDebug, []*metrics.Group{&metrics.Work}, false, false},
		{"without groups there are no metrics", "P", slog.LevelInfo, slog.LevelInfo, nil, true, false},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			line := logged(t, row.namespace, row.wanted, row.level, attrs, row.groups...)
			if (line != nil) != row.line || bytes.Contains(line, []byte("_aws")) != row.metrics {
				t.Errorf("line %s", line)
			}
		})
	}
}

// CloudWatch's limits are 30 dimensions and 100 metrics, and a metric must not be declared twice.
func TestGroupsMeetCloudWatchLimits(t *testing.T) {
	names := map[string]bool{}
	for _, g := range metrics.All() {
		if len(g.Metrics) == 0 || len(g.Metrics) > 100 || len(g.By) == 0 {
			t.Errorf("%+v", g)
		}
		for _, set := range g.By {
			if len(set) == 0 || len(set) > 30 || len(slices.Compact(slices.Sorted(slices.Values(set)))) != len(set) {
				t.Errorf("dimensions %q", set)
			}
			for _, m := range g.Metrics {
				name := m.Name + " by " + string(mustJSON(t, set))
				if names[name] {
					t.Errorf("%s is declared by two groups", name)
				}
				names[name] = true
			}
		}
	}
}

func mustJSON(t *testing.T, v any) []byte {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
