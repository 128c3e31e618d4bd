package directory

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"postern/shared/directory"
	"postern/shared/directory/document"
	"postern/shared/metrics"
	"postern/shared/requestlog"
	"postern/shared/store"
)

// Deps are the dependencies of the function.
type Deps struct {
	Store   *store.Store
	Objects Objects // bucket of documents; may be nil
	Logger  *slog.Logger
	Metrics metrics.Namespace // for the metrics in the log; empty for none
	Now     func() time.Time
}

// ErrRefused reports a document with mistakes in the bucket, so that its event counts as failed. The error's text lists
// the mistakes.
var ErrRefused = errors.New("document refused")

var errNoBucket = errors.New("no bucket is set up")

type handler struct{ Deps }

// New returns the function. A document as payload gives {"counts": …} or {"mistakes": […]}; with "dry_run": true it is not
// applied, and the answer also lists the changes. A bucket event loads each of its objects. An event has no recipient for
// mistakes, so a document with mistakes is an error. {"export": {…}} returns a page of the directory or writes it to the
// bucket. Every document and export logs one line.
func New(d Deps) lambda.Handler { return handler{d} }

// event is a payload that refers to documents: a bucket event or one of its records.
type event struct {
	Records []events.S3EventRecord `json:"Records"`
	S3      *events.S3Entity       `json:"s3"`
	DryRun  bool                   `json:"dry_run"` // only in direct invocations
	Export  *export                `json:"export"`
}

// Invoke loads the document in the payload, or those of an event, or exports the directory.
func (h handler) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	var e event
	if err := json.Unmarshal(payload, &e); err != nil || (e.Records == nil && e.S3 == nil && e.Export == nil) {
		return h.direct(ctx, payload)
	}
	if e.Export != nil {
		return h.export(ctx, e.Export)
	}
	if e.S3 != nil {
		e.Records = append(e.Records, events.S3EventRecord{S3: *e.S3})
	}
	var results []directory.Result
	for i := range e.Records {
		result, err := h.object(ctx, &e.Records[i].S3, e.DryRun)
		if err != nil {
			return nil, err
		}
		results = append(results, result)
	}
	if len(results) == 1 {
		return json.Marshal(results[0])
	}
	return json.Marshal(results)
}

// direct loads the payload itself. Mistakes are part of the answer.
func (h handler) direct(ctx context.Context, payload []byte) ([]byte, error) {
	result, err := h.apply(ctx, document.Bytes(payload), "payload", false)
	if err != nil {
		return nil, err
	}
	return json.Marshal(result)
}

// object loads the document of a bucket event.
func (h handler) object(ctx context.Context, at *events.S3Entity, dryRun bool) (directory.Result, error) {
	key := at.Object.URLDecodedKey
	if key == "" {
		key = at.Object.Key
	}
	name := at.Bucket.Name + "/" + key
	switch {
	case strings.HasPrefix(key, exportPrefix): // written by the function itself
		return directory.Result{}, nil
	case h.Objects == nil:
		return directory.Result{}, fmt.Errorf("document %s: %w", name, errNoBucket)
	}
	result, err := h.apply(ctx, newObject(h.Objects, at.Bucket.Name, key, at.Object.VersionID), name, dryRun)
	if err == nil && len(result.Mistakes) > 0 {
		err = fmt.Errorf("%w: %s%s", ErrRefused, name, lines(result.Mistakes))
	}
	return result, err
}

// lines formats mistakes, one per line.
func lines(mistakes []document.Mistake) string {
	var b strings.Builder
	for _, m := range mistakes {
		b.WriteString("\n" + strings.TrimPrefix(m.Place+": "+m.Message, ": "))
	}
	return b.String()
}

// mistakesLogged limits the mistakes in a log line.
const mistakesLogged = 20

// apply applies or previews a document and logs the result.
func (h handler) apply(ctx context.Context, source document.Source, name string, dryRun bool) (directory.Result, error) {
	record, began := &requestlog.Record{}, h.Now()
	result, err := directory.Apply(requestlog.With(ctx, record), h.Store, source, directory.Options{Now: h.Now, DryRun: dryRun})
	ended := h.Now()
	read, written := record.Units()
	attrs := []slog.Attr{
		slog.String("family", "directory"),
		slog.String("document", name),
		slog.String("outcome", outcome(result, err)),
		slog.Any("counts", result.Counts),
		slog.Int64("duration_ms", ended.Sub(began).Milliseconds()),
		slog.Int("dynamodb_calls", record.Calls()),
		slog.Float64("dynamodb_read_units", read),
		slog.Float64("dynamodb_write_units", written),
	}
	if invocation, ok := lambdacontext.FromContext(ctx); ok {
		attrs = append(attrs, slog.String("request_id", invocation.AwsRequestID))
	}
	if n := len(result.Mistakes); n > 0 {
		attrs = append(attrs, slog.Int("mistakes", n), slog.Any("first", result.Mistakes[:min(n, mistakesLogged)]))
	}
	level := slog.LevelInfo
	if err != nil {
		level, attrs = slog.LevelError, append(attrs, slog.String("cause", err.Error()))
	}
	h.Metrics.Log(ctx, h.Logger, level, ended, "document", attrs, &metrics.Work, &metrics.Table)
	return result, err
}

// outcome names the result for the log.
func outcome(result directory.Result, err error) string {
	switch {
	case err != nil:
		return "failed"
	case len(result.Mistakes) > 0:
		return "refused"
	case result.DryRun:
		return "previewed"
	}
	return "applied"
}
