package trace

import (
	"context"
	"strings"
)

// header identifies the trace of an invocation.
type header struct {
	root, parent string
	sampled      bool
}

// headerKey is the context key of Lambda's runtime library.
const headerKey = "x-amzn-trace-id"

// headerOf returns the context's header (X-Ray, tracing header). It returns false for a missing header and for a trace
// that is not sampled.
func headerOf(ctx context.Context) (header, bool) {
	text, _ := ctx.Value(headerKey).(string)
	var h header
	for part := range strings.SplitSeq(text, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch name {
		case "Root":
			h.root = value
		case "Parent":
			h.parent = value
		case "Sampled":
			h.sampled = value == "1"
		}
	}
	return h, h.sampled && h.root != "" && h.parent != ""
}
