package trace_test

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"postern/shared/trace"
	"postern/shared/trace/tracetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var began = time.Date(2026, 3, 1, 12, 0, 0, 250_000_000, time.UTC)

func TestSendWritesDocument(t *testing.T) {
	d := tracetest.Listen(t)
	d.Tracer("daemon").Send(tracetest.In(t.Context(), tracetest.Kept), &trace.Work{
		Name: "gitaccess", Began: began, Ended: began.Add(1500 * time.Microsecond), Status: 401,
		About: trace.Values{"request_id": "id-1", "failed_check": "archived", "route": "", "dynamodb_calls": 1},
	})
	first, document, _ := bytes.Cut(d.Datagram(), []byte("\n"))
	if string(first) != `{"format": "json", "version": 1}` {
		t.Errorf("preamble %s", first)
	}
	id := regexp.MustCompile(`"id":"[0-9a-f]{16}"`)
	want := `{"name":"gitaccess","id":"","trace_id":"1-5759e988-bd862e3fe1be46a994272793","parent_id":"53995c3f42cd8ad8",` +
		`"type":"subsegment","start_time":1772366400.25,"end_time":1772366400.2515,"error":true,` +
		`"annotations":{"dynamodb_calls":1,"failed_check":"archived","request_id":"id-1"}}`
	if got := id.ReplaceAllString(string(document), `"id":""`); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestSendFlagsStatus(t *testing.T) {
	d := tracetest.Listen(t)
	tracer := d.Tracer("tcp:127.0.0.1:1 udp:daemon")
	for status, want := range map[int][]string{200: nil, 404: {"error"}, 429: {"error", "throttle"}, 503: {"fault"}} {
		tracer.Send(tracetest.In(t.Context(), tracetest.Kept), &trace.Work{Name: "x", Began: began, Ended: began, Status: status})
		got := d.Document()
		for _, flag := range []string{"error", "throttle", "fault"} {
			if (got[flag] == true) != slices.Contains(want, flag) {
				t.Errorf("%d: %v", status, got)
			}
		}
	}
}

func TestSendSkipsUnsampledTraces(t *testing.T) {
	const kept = tracetest.Kept
	rows := []struct {
		name, header string
		sent         bool
	}{
		{"a sampled trace", kept, true},
		{"in another order, with more fields and spaces", "Sampled=1; Parent=53995c3f42cd8ad8; Lineage=a:0; Root=1-5759e988-bd862e3fe1be46a994272793", true},
		{"an unsampled trace", strings.Replace(kept, "Sampled=1", "Sampled=0", 1), false},
		{"an undecided trace", strings.Replace(kept, "Sampled=1", "Sampled=?", 1), false},
		{"no sampling field", strings.TrimSuffix(kept, ";Sampled=1"), false},
		{"no parent", "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1", false},
		{"no root", "Parent=53995c3f42cd8ad8;Sampled=1", false},
		{"no header", "", false},
	}
	d := tracetest.Listen(t)
	tracer := d.Tracer("daemon")
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			tracer.Send(tracetest.In(t.Context(), row.header), &trace.Work{Name: "x", Began: began, Ended: began})
			if document := d.Document(); (document != nil) != row.sent {
				t.Errorf("sent %v", document)
			}
		})
	}
	tracer.Send(t.Context(), &trace.Work{Name: "x"}) // outside Lambda
	if document := d.Document(); document != nil {
		t.Errorf("sent %v", document)
	}
}

// An absent daemon and a missing address do not disturb a request.
func TestSendIgnoresAbsentDaemon(t *testing.T) {
	d := tracetest.Listen(t)
	ctx := tracetest.In(t.Context(), tracetest.Kept)
	tracer := d.Tracer("daemon")
	_ = d.Close()
	for range 3 { // the second one gets the error of the first one
		tracer.Send(ctx, &trace.Work{Name: "x"})
	}
	none, err := trace.Open("")
	if none != nil || err != nil {
		t.Errorf("no address: %v, %v", none, err)
	}
	none.Send(ctx, &trace.Work{Name: "x"})
	if tracer, err := trace.Open("nowhere"); err == nil {
		t.Errorf("an address without a port: %v", tracer)
	}
}

func BenchmarkSend(b *testing.B) {
	tracer := tracetest.Listen(b).Tracer("daemon")
	for name, header := range map[string]string{
		"kept": tracetest.Kept, "not kept": strings.Replace(tracetest.Kept, "Sampled=1", "Sampled=0", 1),
	} {
		b.Run(name, func(b *testing.B) {
			ctx := tracetest.In(b.Context(), header)
			w := &trace.Work{Name: "gitaccess", Began: began, Ended: began, About: trace.Values{"request_id": "id-1"}}
			b.ReportAllocs()
			for b.Loop() {
				tracer.Send(ctx, w)
			}
		})
	}
}
