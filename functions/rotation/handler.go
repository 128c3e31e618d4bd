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

// Deps are what the function is made of.
type Deps struct {
	Secrets  Secrets
	Shell    string // id of gitlab-shell's secret
	KAS      string // id of kas's secret
	HandOver time.Duration
	Events   Events
	Bus      string // name or ARN of the event bus
	Logger   *slog.Logger
	Metrics  metrics.Namespace // of the metrics in the log; none when empty
	Now      func() time.Time
	Random   io.Reader
}

type handler struct {
	Deps
	secrets []secret
}

// family is the function's name in the log.
const family = "rotation"

// New returns the function. It takes the events of Secrets Manager {"Step", "SecretId", "ClientRequestToken"}, people's
// {"confirm": "shell" or "kas", "version": id}, and those of its schedule, {"source": "aws.events"}. It answers what became
// of each secret that it was asked about.
func New(d Deps) lambda.Handler { return handler{Deps: d, secrets: ours(d.Shell, d.KAS)} }

// event is what the function is invoked with.
type event struct {
	Step     string `json:"Step"`
	SecretID string `json:"SecretId"`
	Token    string `json:"ClientRequestToken"`
	Confirm  string `json:"confirm"`
	Version  string `json:"version"`
	Source   string `json:"source"`
}

// Why an event cannot be answered.
var (
	errEvent   = errors.New("rotation: the event is no step, confirmation or schedule")
	errForeign = errors.New("rotation: no secret of this function")
)

// result is what became of one secret.
type result struct {
	Secret  string  `json:"secret"`
	Version string  `json:"version,omitempty"`
	Outcome outcome `json:"outcome"`
}

// Invoke does what an event asks for.
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

// one does something with a version of the secret that is meant.
func (h handler) one(ctx context.Context, name string, meant func(*secret) bool, id string, do step) ([]result, error) {
	for i := range h.secrets {
		s := &h.secrets[i]
		if !meant(s) {
			continue
		}
		got, err := do(h, ctx, s, id)
		h.wrote(ctx, s, name, id, got, err)
		return []result{{s.name, id, got}}, err
	}
	return nil, errForeign
}

// due finishes what is due. One secret that fails does not keep the other from its turn.
func (h handler) due(ctx context.Context) ([]result, error) {
	results, failures := make([]result, len(h.secrets)), make([]error, len(h.secrets))
	for i := range h.secrets {
		results[i], failures[i] = h.look(ctx, &h.secrets[i])
	}
	return results, errors.Join(failures...)
}

// look finishes the pending version of a secret if it is due, and counts for how long one has been overdue. Where nothing is
// pending nothing is counted: a metric costs by the hour.
func (h handler) look(ctx context.Context, s *secret) (result, error) {
	v, err := h.versions(ctx, s)
	if err != nil || v.pending == "" || v.pending == v.current {
		h.wrote(ctx, s, "schedule", v.pending, done, err)
		return result{s.name, v.pending, done}, err
	}
	got, late, err := h.pending(ctx, s, v.pending)
	h.wrote(ctx, s, "schedule", v.pending, got, err, slog.Float64("overdue_seconds", late.Seconds()))
	return result{s.name, v.pending, got}, err
}

// pending finishes a version if it is due. What stays pending says for how long it has been due.
func (h handler) pending(ctx context.Context, s *secret, id string) (outcome, time.Duration, error) {
	found, there, err := h.version(ctx, s, id)
	if err != nil || !there {
		return waiting, 0, err // without a text it is Secrets Manager's turn
	}
	got, err := h.finish(ctx, s, id)
	if got != held {
		return got, 0, err
	}
	return got, h.Now().Sub(found.made.Add(h.HandOver)), nil
}

// wrote writes the line about what was asked.
func (h handler) wrote(ctx context.Context, s *secret, asked, id string, got outcome, err error, more ...slog.Attr) {
	level := slog.LevelInfo
	attrs := append([]slog.Attr{
		slog.String("family", family), slog.String("secret", s.name), slog.String("asked", asked), slog.String("version", id),
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
