package metrics

import (
	"context"
	"log/slog"
	"time"
)

// Namespace is what the metrics of one deployment are found under. Empty stands for no metrics: lines stay as they are.
type Namespace string

// document is what a line says of its metrics (CloudWatch embedded metric format).
type document struct {
	Timestamp         int64 // milliseconds
	CloudWatchMetrics []directive
}

type directive struct {
	Namespace Namespace
	*Group
}

// Declare returns the attribute that makes metrics of the groups' numbers in a line of the given time. The line must have
// all the numbers and texts at its top level, and no empty text among them, for which CloudWatch would drop the metrics.
// Without a namespace or groups it is the zero attribute, which log handlers leave out.
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

// Log writes a line with metrics in it. With a namespace it is written even where its level is not wanted, because metrics
// count every time that something happens.
func (n Namespace) Log(
	ctx context.Context, logger *slog.Logger, level slog.Level, at time.Time, text string, attrs []slog.Attr, groups ...*Group,
) {
	if n == "" {
		logger.LogAttrs(ctx, level, text, attrs...)
		return
	}
	record := slog.NewRecord(at, level, text, 0)
	record.AddAttrs(append(attrs, n.Declare(at, groups...))...)
	_ = logger.Handler().Handle(ctx, record) // as the logger itself does: there is nobody to tell
}
