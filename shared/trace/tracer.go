package trace

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"
)

const (
	// preamble precedes the document (X-Ray, sending segment documents to the daemon).
	preamble = `{"format": "json", "version": 1}` + "\n"
	// sendTimeout limits the wait for space in the socket's buffer, which is rarely necessary.
	sendTimeout = 2 * time.Millisecond
)

// Tracer sends to one daemon. It is safe for concurrent use. A nil Tracer sends nothing.
type Tracer struct{ daemon net.Conn }

// Open returns a tracer for a daemon's address in Lambda's format: "host:port" or "tcp:host:port udp:host:port". It
// returns nil for an empty address. The daemon need not be running.
func Open(address string) (*Tracer, error) {
	if address == "" {
		return nil, nil //nolint:nilnil // a nil tracer is valid
	}
	for part := range strings.FieldsSeq(address) {
		if udp, found := strings.CutPrefix(part, "udp:"); found {
			address = udp
		}
	}
	daemon, err := net.Dial("udp", address) //nolint:noctx // a UDP socket does not block
	if err != nil {
		return nil, fmt.Errorf("trace: %w", err)
	}
	return &Tracer{daemon: daemon}, nil
}

// Work is a traced piece of work.
type Work struct {
	Name         string // letters, digits and spaces
	Began, Ended time.Time
	Status       int // of the HTTP answer
	About        Annotated
}

// Annotated provides the annotations of a trace. It is called only for sampled traces.
type Annotated interface {
	// Annotations returns strings and numbers by names of letters, digits and underscores. Empty strings are omitted.
	Annotations() map[string]any
}

// Values are precomputed annotations.
type Values map[string]any

// Annotations returns the values themselves.
func (v Values) Annotations() map[string]any { return v }

// subsegment is the document (X-Ray, segment documents).
type subsegment struct {
	Name        string         `json:"name"`
	ID          string         `json:"id"`
	TraceID     string         `json:"trace_id"`
	ParentID    string         `json:"parent_id"`
	Type        string         `json:"type"`
	StartTime   float64        `json:"start_time"` // seconds
	EndTime     float64        `json:"end_time"`
	Error       bool           `json:"error,omitempty"`    // client error
	Throttle    bool           `json:"throttle,omitempty"` // rate limit
	Fault       bool           `json:"fault,omitempty"`    // server error
	Annotations map[string]any `json:"annotations,omitempty"`
}

// Send sends the work as a subsegment of the context's trace, if that trace is sampled.
func (t *Tracer) Send(ctx context.Context, w *Work) {
	if t == nil || w.Name == "" {
		return
	}
	h, kept := headerOf(ctx)
	if !kept {
		return
	}
	var id [8]byte
	_, _ = rand.Read(id[:]) // never fails
	document, err := json.Marshal(subsegment{
		Name: w.Name, ID: hex.EncodeToString(id[:]), TraceID: h.root, ParentID: h.parent, Type: "subsegment",
		StartTime: seconds(w.Began), EndTime: seconds(w.Ended), Annotations: given(w.About),
		Error:    w.Status >= http.StatusBadRequest && w.Status < http.StatusInternalServerError,
		Throttle: w.Status == http.StatusTooManyRequests, Fault: w.Status >= http.StatusInternalServerError,
	})
	if err != nil {
		return
	}
	_ = t.daemon.SetWriteDeadline(time.Now().Add(sendTimeout))
	_, _ = t.daemon.Write(append([]byte(preamble), document...))
}

// seconds converts a time to X-Ray's format.
func seconds(at time.Time) float64 { return float64(at.UnixMicro()) / 1e6 }

// given returns the annotations without empty ones.
func given(about Annotated) map[string]any {
	if about == nil {
		return nil
	}
	found := map[string]any{}
	for name, value := range about.Annotations() {
		if value != "" {
			found[name] = value
		}
	}
	return found
}
