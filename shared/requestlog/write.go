package requestlog

import (
	"context"
	"log/slog"
	"net/http"
	"time"
	"unicode/utf8"
)

// longestCause is how many bytes of a cause get into the line: errors of SDKs quote whole responses.
const longestCause = 1024

// Write writes the line: level info, error when the status says that this side failed. All agreed fields are always
// there; trail and cause only when there is one.
func (r *Record) Write(ctx context.Context, logger *slog.Logger, status int, took time.Duration) {
	level := slog.LevelInfo
	if status >= http.StatusInternalServerError {
		level = slog.LevelError
	}
	if !logger.Enabled(ctx, level) {
		return
	}
	logger.LogAttrs(ctx, level, "request", r.attrs(status, took)...)
}

// attrs are the line's fields in a fixed order.
func (r *Record) attrs(status int, took time.Duration) []slog.Attr {
	r.mu.Lock()
	defer r.mu.Unlock()
	attrs := append(make([]slog.Attr, 0, 18),
		slog.String("request_id", r.requestID),
		slog.String("family", r.family),
		slog.String("route", r.route),
		slog.String("method", r.method),
		slog.String("actor", r.actor),
		slog.String("container", r.container),
		slog.String("action", r.action),
		slog.String("decision", r.decision),
		slog.String("failed_check", r.failedCheck),
		slog.Int("status", status),
		slog.Float64("duration_ms", float64(took.Microseconds())/1000),
		slog.Int("dynamodb_calls", r.calls),
		slog.Float64("dynamodb_read_units", r.readUnits),
		slog.Float64("dynamodb_write_units", r.writeUnits),
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
