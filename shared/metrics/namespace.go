package metrics

import (
	"context"
	"log/slog"
	"time"
)

// Namespace is the CloudWatch namespace of a deployment. An empty one disables metrics.
type Namespace string

// document is the metadata of a line (CloudWatch embedded metric format).
type document struct {
	Timestamp         int64 // milliseconds
	CloudWatchMetrics []directive
}

type directive struct {
	Namespace Namespace
	*Group
}

// Declare returns the attribute that declares the metrics of a line with the given time. The line must have all numbers
// and dimensions at its top level. An empty dimension would make CloudWatch drop the metrics. Without a namespace or
// groups it returns the zero attribute, which log handlers omit.
func (n Namespace) Declare(at time.Time, groups ...*Group) slog.Attr {
	if n == "" || len(groups) == 0 {
		return slog.Attr{}
	}
	d := &document{Timestamp: at.UnixMilli(), CloudWatchMetrics: make([]directive, len(groups))}
	for i, g := range groups {
		d.CloudWatchMetrics[i] = directive{n, g}
	}
	return slog.Any("_aws", d)
}

// Log writes a line with metrics. With a namespace it ignores the log level, because metrics count every event.
func (n Namespace) Log(
	ctx context.Context, logger *slog.Logger, level slog.Level, at time.Time, text string, attrs []slog.Attr, groups ...*Group,
) {
	if n == "" {
		logger.LogAttrs(ctx, level, text, attrs...)
		return
	}
	record := slog.NewRecord(at, level, text, 0)
	record.AddAttrs(append(attrs, n.Declare(at, groups...))...)
	_ = logger.Handler().Handle(ctx, record) // like the logger itself
}
