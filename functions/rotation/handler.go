package rotation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"postern/shared/metrics"
)

// Deps are the dependencies of the function.
type Deps struct {
	Secrets  Secrets
	Shell    string // id of gitlab-shell's secret
	KAS      string // id of kas's secret
	HandOver time.Duration
	Events   Events
	Bus      string // name or ARN of the event bus
	Logger   *slog.Logger
	Metrics  metrics.Namespace // for the metrics in the log; empty for none
	Now      func() time.Time
	Random   io.Reader
}

type handler struct {
	Deps
	secrets []secret
}

// family is the function's name in the log.
const family = "rotation"

// New returns the function. Its events are those of Secrets Manager {"Step", "SecretId", "ClientRequestToken"}, of
// operators {"confirm": "shell" or "kas", "version": id} and of its schedule {"source": "aws.events"}. It returns the
// outcome for each secret.
func New(d Deps) lambda.Handler { return handler{Deps: d, secrets: managed(d.Shell, d.KAS)} }

// event is the payload of an invocation.
type event struct {
	Step     string `json:"Step"`
	SecretID string `json:"SecretId"`
	Token    string `json:"ClientRequestToken"`
	Confirm  string `json:"confirm"`
	Version  string `json:"version"`
	Source   string `json:"source"`
}

// Reasons to reject an event.
var (
	errEvent   = errors.New("rotation: the event is neither a step nor a confirmation nor a schedule")
	errForeign = errors.New("rotation: unknown secret")
)

// result is the outcome for one secret.
type result struct {
	Secret  string  `json:"secret"`
	Version string  `json:"version,omitempty"`
	Outcome outcome `json:"outcome"`
}

// Invoke processes an event.
func (h handler) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	var e event
	if err := json.Unmarshal(payload, &e); err != nil {
		return nil, fmt.Errorf("%w: %w", errEvent, err)
	}
	var results []result
	var err error
	switch do := steps[e.Step]; {
	case do != nil:
		results, err = h.one(ctx, e.Step, func(s *secret) bool { return s.id == e.SecretID }, e.Token, do)
	case e.Confirm != "":
		results, err = h.one(ctx, "confirm", func(s *secret) bool { return s.name == e.Confirm }, e.Version, handler.confirm)
	case e.Source == "aws.events":
		results, err = h.due(ctx)
	default:
		err = errEvent
	}
	if err != nil {
		return nil, err
	}
	return json.Marshal(map[string]any{"secrets": results})
}

// one performs a step for the matching secret.
func (h handler) one(ctx context.Context, name string, meant func(*secret) bool, id string, do step) ([]result, error) {
	for i := range h.secrets {
		s := &h.secrets[i]
		if !meant(s) {
			continue
		}
		got, err := do(h, ctx, s, id)
		h.logOutcome(ctx, s, name, id, got, err)
		return []result{{s.name, id, got}}, err
	}
	return nil, errForeign
}

// due activates the due versions. A failure of one secret does not stop the others.
func (h handler) due(ctx context.Context) ([]result, error) {
	results, failures := make([]result, len(h.secrets)), make([]error, len(h.secrets))
	for i := range h.secrets {
		results[i], failures[i] = h.look(ctx, &h.secrets[i])
	}
	return results, errors.Join(failures...)
}

// look activates the pending version of a secret if it is due, and counts the time by which one is overdue. Without a
// pending version it counts nothing, because metrics are billed by the hour.
func (h handler) look(ctx context.Context, s *secret) (result, error) {
	v, err := h.versions(ctx, s)
	if err != nil || v.pending == "" || v.pending == v.current {
		h.logOutcome(ctx, s, "schedule", v.pending, done, err)
		return result{s.name, v.pending, done}, err
	}
	got, late, err := h.pending(ctx, s, v.pending)
	h.logOutcome(ctx, s, "schedule", v.pending, got, err, slog.Float64("overdue_seconds", late.Seconds()))
	return result{s.name, v.pending, got}, err
}

// pending activates a version if it is due. For a held version it returns the time since it was due.
func (h handler) pending(ctx context.Context, s *secret, id string) (outcome, time.Duration, error) {
	found, there, err := h.version(ctx, s, id)
	if err != nil || !there {
		return waiting, 0, err // Secrets Manager has not run createSecret yet
	}
	got, err := h.finish(ctx, s, id)
	if got != held {
		return got, 0, err
	}
	return got, h.Now().Sub(found.created.Add(h.HandOver)), nil
}

// logOutcome logs the outcome of a request.
func (h handler) logOutcome(ctx context.Context, s *secret, step, id string, got outcome, err error, more ...slog.Attr) {
	level := slog.LevelInfo
	attrs := append([]slog.Attr{
		slog.String("family", family), slog.String("secret", s.name), slog.String("step", step), slog.String("version", id),
	}, more...)
	if invocation, ok := lambdacontext.FromContext(ctx); ok {
		attrs = append(attrs, slog.String("request_id", invocation.AwsRequestID))
	}
	if err != nil {
		level, got = slog.LevelError, "failed"
		attrs = append(attrs, slog.String("cause", err.Error()))
	}
	attrs = append(attrs, slog.String("outcome", string(got)))
	var groups []*metrics.Group
	if len(more) > 0 {
		groups = []*metrics.Group{&metrics.Overdue}
	}
	h.Metrics.Log(ctx, h.Logger, level, h.Now(), "rotation", attrs, groups...)
}
