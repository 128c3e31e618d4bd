package postreceive

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"postern/shared/gitlab"
	"postern/shared/metrics"
	"postern/shared/requestlog"
	"postern/shared/table"
	"postern/shared/trace"
)

// The outcomes of an item of the outbox.
const (
	repeated  = "repeated"  // an earlier delivery was published
	published = "published" // published; a push after its effects were written
	failed    = "failed"    // delivered again
)

// family is the function's name in the log.
const family = "postreceive"

// push processes a push of the outbox as far as that is left to do, and writes its log line.
func (h handler) push(ctx context.Context, k table.Key, item table.Item) error {
	record, began := &requestlog.Record{}, h.Now()
	ctx = requestlog.With(ctx, record)
	p, err := h.Store.LoadPush(ctx, item)
	if err != nil {
		return h.wrote(ctx, record, began, nil, k, failed, err)
	}
	done, err := h.Store.Published(ctx, k)
	word := repeated
	if err == nil && !done {
		word, err = published, h.deal(ctx, k, p, record)
	}
	if err == nil && mayFill(p) {
		err = h.moveHead(ctx, p.Repository)
	}
	return h.wrote(ctx, record, began, p, k, outcome(word, err), err)
}

// deal writes the effects of a push first, so that subscribers find them. Then it publishes the push.
func (h handler) deal(ctx context.Context, k table.Key, p *gitlab.Push, record *requestlog.Record) error {
	settings, c, err := h.Store.LoadRepository(ctx, p.Repository)
	if err != nil {
		return fmt.Errorf("load repository: %w", err)
	}
	if err := h.settle(ctx, &settings, c, p); err != nil {
		return err
	}
	forced, err := h.forced(ctx, &settings, c, p)
	record.SetCause(err) // without an answer the push counts all the same
	if err := h.Store.ApplyPush(ctx, p, forced); err != nil {
		return fmt.Errorf("apply push: %w", err)
	}
	detail, err := describe(p, c, forced)
	if err != nil {
		return err
	}
	if err := h.publish(ctx, DetailType, detail, p.At); err != nil {
		return err
	}
	if err := h.Store.MarkPublished(ctx, k); err != nil {
		return fmt.Errorf("mark push: %w", err)
	}
	return nil
}

// outcome returns the outcome of a push.
func outcome(well string, err error) string {
	if err != nil {
		return failed
	}
	return well
}

// wrote writes the log line of a push and returns the error.
func (h handler) wrote(
	ctx context.Context, r *requestlog.Record, began time.Time, p *gitlab.Push, k table.Key, outcome string, err error,
) error {
	about := subject{what: "push"}
	if p != nil {
		about.at = p.At
		about.attrs = []slog.Attr{
			slog.String("push_id", p.ID), slog.String("container", p.Repository.String()),
			slog.String("actor", p.Identifier), slog.String("push_request_id", p.RequestID), slog.Int("refs", len(p.Changes)),
		}
	}
	h.traced(ctx, began, p, outcome)
	return h.line(ctx, r, began, about, k, outcome, err)
}

// subject is the subject of an item of the outbox: its kind, its time and its attributes in the log.
type subject struct {
	what  string
	at    time.Time
	attrs []slog.Attr
}

// line writes the log line of an item of the outbox and returns the error.
func (h handler) line(
	ctx context.Context, r *requestlog.Record, began time.Time, about subject, k table.Key, outcome string, err error,
) error {
	ended := h.Now()
	read, written := r.Units()
	groups := []*metrics.Group{&metrics.Work, &metrics.Table}
	attrs := append([]slog.Attr{
		slog.String("family", family), slog.String("outcome", outcome), slog.String("item", k.String()),
		slog.Int64("duration_ms", ended.Sub(began).Milliseconds()),
		slog.Int("dynamodb_calls", r.Calls()),
		slog.Float64("dynamodb_read_units", read), slog.Float64("dynamodb_write_units", written),
	}, about.attrs...)
	if outcome == published && !about.at.IsZero() {
		attrs, groups = append(attrs, slog.Int64("lag_ms", ended.Sub(about.at).Milliseconds())), append(groups, &metrics.Lag)
	}
	if invocation, ok := lambdacontext.FromContext(ctx); ok {
		attrs = append(attrs, slog.String("request_id", invocation.AwsRequestID))
	}
	level := slog.LevelInfo
	if err != nil {
		level = slog.LevelError
	}
	if cause := errors.Join(err, r.Cause()); cause != nil {
		attrs = append(attrs, slog.String("cause", cause.Error()))
	}
	h.Metrics.Log(ctx, h.Logger, level, ended, about.what, attrs, groups...)
	return err
}

// traced adds a push to the trace of the invocation, under the request id of its post_receive.
func (h handler) traced(ctx context.Context, began time.Time, p *gitlab.Push, outcome string) {
	if p == nil {
		return
	}
	status := http.StatusOK
	if outcome == failed {
		status = http.StatusInternalServerError
	}
	h.Tracer.Send(ctx, &trace.Work{
		Name: "push", Began: began, Ended: h.Now(), Status: status,
		About: trace.Values{"request_id": p.RequestID, "push_id": p.ID, "outcome": outcome},
	})
}
