package requestlog

import (
	"context"
	"log/slog"
	"net/http"
	"time"
	"unicode/utf8"

	"postern/shared/metrics"
)

// longestCause is how many bytes of a cause get into the line: errors of SDKs quote whole responses.
const longestCause = 1024

// Write writes the line at level info, or error for a status of a failure on this side. It always has the agreed fields; trail
// and cause are optional. With a namespace the line carries metrics as well. Their fields are written at any log level, because
// metrics that stop with the log would look like silence.
func (r *Record) Write(ctx context.Context, logger *slog.Logger, n metrics.Namespace, status int, took time.Duration) {
	level := slog.LevelInfo
	if status >= http.StatusInternalServerError {
		level = slog.LevelError
	}
	wanted := logger.Enabled(ctx, level)
	if !wanted && n == "" {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	text, attrs := "metrics", r.measured(took)
	if wanted {
		text, attrs = "request", r.described(attrs, status)
	}
	var groups []*metrics.Group
	if n != "" {
		attrs, groups = r.counted(attrs, status)
	}
	n.Log(ctx, logger, level, r.started.Add(took), text, attrs, groups...)
}

// measured are the fields of metrics.
func (r *Record) measured(took time.Duration) []slog.Attr {
	return append(make([]slog.Attr, 0, 22),
		slog.String("family", r.family),
		slog.String("route", r.route),
		slog.String("decision", r.decision),
		slog.String("failed_check", r.failedCheck),
		slog.Float64("duration_ms", float64(took.Microseconds())/1000),
		slog.Int("dynamodb_calls", r.calls),
		slog.Float64("dynamodb_read_units", r.readUnits),
		slog.Float64("dynamodb_write_units", r.writeUnits),
	)
}

// described adds the fields that are not measured.
func (r *Record) described(attrs []slog.Attr, status int) []slog.Attr {
	attrs = append(attrs,
		slog.String("request_id", r.requestID),
		slog.String("method", r.method),
		slog.String("actor", r.actor),
		slog.String("container", r.container),
		slog.String("action", r.action),
		slog.Int("status", status),
		slog.Bool("cold_start", r.coldStart),
	)
	if r.trail != nil {
		attrs = append(attrs, slog.Any("trail", r.trail))
	}
	if r.cause != nil {
		attrs = append(attrs, slog.String("cause", cut(r.cause.Error(), longestCause)))
	}
	return attrs
}

// counted returns the metrics of the line, and adds the numbers of the request itself. A request without a route counts nothing:
// the gateway rejects it.
func (r *Record) counted(attrs []slog.Attr, status int) ([]slog.Attr, []*metrics.Group) {
	if r.family == "" || r.route == "" {
		return attrs, nil
	}
	groups := append(make([]*metrics.Group, 0, 5), &metrics.Requests)
	if r.calls > 0 {
		groups = append(groups, &metrics.Table)
	}
	if status >= http.StatusInternalServerError {
		attrs, groups = append(attrs, slog.Int("failures", 1)), append(groups, &metrics.Failures)
	}
	if r.decision == "" {
		return attrs, groups
	}
	attrs, groups = append(attrs, slog.Int("requests", 1)), append(groups, &metrics.Decisions)
	if r.failedCheck != "" {
		groups = append(groups, &metrics.Refusals)
	}
	return attrs, groups
}

// cut shortens a text to at most limit bytes, between two letters.
func cut(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	for limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return text[:limit]
}
