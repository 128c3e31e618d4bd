package lambdahttp

import (
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/awslabs/aws-lambda-go-api-proxy/httpadapter"
)

// BenchmarkFloor is what a function costs that does nothing: the whole event decoded, the adapter, the answer encoded.
func BenchmarkFloor(b *testing.B) {
	adapter, payload := httpadapter.New(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, echoed)
	})), event(b, nil)
	b.ReportAllocs()
	for b.Loop() {
		var e events.APIGatewayProxyRequest
		if err := json.Unmarshal(payload, &e); err != nil {
			b.Fatal(err)
		}
		answer, err := adapter.ProxyWithContext(b.Context(), e)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := json.Marshal(answer); err != nil {
			b.Fatal(err)
		}
	}
}

// From the event's bytes to the answer's, without token and decision.
func BenchmarkEntry(b *testing.B) {
	entry, payload := Entry(api(io.Discard)), event(b, nil)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := entry.Invoke(b.Context(), payload); err != nil {
			b.Fatal(err)
		}
	}
}
