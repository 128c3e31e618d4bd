package trace

import (
	"context"
	"strings"
)

// header is what Lambda says of the trace that an invocation belongs to.
type header struct {
	root, parent string
	sampled      bool
}

// headerKey is where Lambda's runtime library keeps it in the context.
const headerKey = "x-amzn-trace-id"

// headerOf returns the context's header (X-Ray, tracing header), false where there is none or the trace is not kept.
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
