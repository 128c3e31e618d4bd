package trace

import (
	"context"
	"strings"
	"testing"
)

func FuzzHeader(f *testing.F) {
	f.Add("Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1")
	f.Add("Root=;;=;Sampled")
	f.Fuzz(func(t *testing.T, text string) {
		ctx := context.WithValue(t.Context(), headerKey, text) //nolint:staticcheck // the library's key is a string
		h, kept := headerOf(ctx)
		if kept && (!strings.Contains(text, "Sampled=1") || !strings.Contains(text, h.root) || !strings.Contains(text, h.parent)) {
			t.Errorf("%q: %+v", text, h)
		}
	})
}
