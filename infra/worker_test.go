package infra_test

import (
	"encoding/json"
	"strings"
	"testing"
)

// worker returns the mapping of the table's stream to the function that finishes pushes.
func worker(t *testing.T) any {
	t.Helper()
	sources := read(t, "template.yaml").streams("PostReceiveFunction")
	if len(sources) != 1 {
		t.Fatalf("%d streams, want 1", len(sources))
	}
	return sources[0]
}

func TestWorkerReadsTheWholeStream(t *testing.T) {
	mapping := worker(t)
	for _, tt := range []struct {
		want any
		path []string
	}{
		{"Table.StreamArn", []string{"Stream", "Fn::GetAtt"}},
		{"TRIM_HORIZON", []string{"StartingPosition"}},
		{100, []string{"BatchSize"}},
		{1, []string{"MaximumBatchingWindowInSeconds"}},
		{1, []string{"ParallelizationFactor"}}, // keeps the order of pushes to a repository
		{true, []string{"BisectBatchOnFunctionError"}},
		{10, []string{"MaximumRetryAttempts"}}, // without it, one bad record blocks its shard for a day
		{86400, []string{"MaximumRecordAgeInSeconds"}},
		{"SQS", []string{"DestinationConfig", "OnFailure", "Type"}},
		{"PostReceiveFailures.Arn", []string{"DestinationConfig", "OnFailure", "Destination", "Fn::GetAtt"}},
	} {
		if got := at(mapping, tt.path...); got != tt.want {
			t.Errorf("%s is %v, want %v", strings.Join(tt.path, "."), got, tt.want)
		}
	}
	equal(t, "response types", texts(mapping, "FunctionResponseTypes"), []string{"ReportBatchItemFailures"})
	if view := text(read(t, "template.yaml").resource("Table"), "StreamSpecification", "StreamViewType"); !strings.HasPrefix(view, "NEW_") {
		t.Errorf("the stream's records have %s and lack the new item", view)
	}
}

func TestWorkerUsesItsParameters(t *testing.T) {
	tpl := read(t, "template.yaml")
	function := tpl.resource("PostReceiveFunction")
	for property, parameter := range map[string]string{"Timeout": "PostReceiveTimeout", "MemorySize": "PostReceiveMemory"} {
		if got := text(function, property, "Ref"); got != parameter {
			t.Errorf("%s follows %q, want %s", property, got, parameter)
		}
		if at(tpl.root, "Parameters", parameter, "Default") == nil {
			t.Errorf("%s has no default", parameter)
		}
	}
	if most := at(tpl.root, "Parameters", "PostReceiveTimeout", "MaxValue"); most != 900 {
		t.Errorf("PostReceiveTimeout is at most %v, Lambda allows 900", most)
	}
}

func TestFailedPushesAreKept(t *testing.T) {
	queue := read(t, "template.yaml").resource("PostReceiveFailures")
	if got := at(queue, "MessageRetentionPeriod"); got != 14*24*60*60 {
		t.Errorf("kept for %v s, want 14 days", got)
	}
}

// TestWorkerReceivesNewPushesOnly matches the filter with records as the stream has them.
func TestWorkerReceivesNewPushesOnly(t *testing.T) {
	const push = `"Keys":{"pk":{"S":"outbox#project-7"},"sk":{"S":"1"}}`
	const ttl = `"userIdentity":{"type":"Service","principalId":"dynamodb.amazonaws.com"}`
	for _, tt := range []struct {
		name, record string
		wakes        bool
	}{
		{"a new push", `{"eventName":"INSERT","dynamodb":{` + push + `,"NewImage":{"pk":{"S":"outbox#project-7"}}}}`, true},
		{"a changed push", `{"eventName":"MODIFY","dynamodb":{` + push + `}}`, false},
		{"a deleted push", `{"eventName":"REMOVE","dynamodb":{` + push + `}}`, false},
		{"an expired push", `{"eventName":"REMOVE",` + ttl + `,"dynamodb":{` + push + `}}`, false},
		{"a new user", `{"eventName":"INSERT","dynamodb":{"Keys":{"pk":{"S":"user#1"},"sk":{"S":"user"}}}}`, false},
		{"a partition with a similar name", `{"eventName":"INSERT","dynamodb":{"Keys":{"pk":{"S":"outbox"},"sk":{"S":"1"}}}}`, false},
		{"an item of another partition", `{"eventName":"INSERT","dynamodb":{"Keys":{"pk":{"S":"project#7"},"sk":{"S":"outbox#1"}}}}`, false},
		{"no key", `{"eventName":"INSERT","dynamodb":{}}`, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var record any
			if err := json.Unmarshal([]byte(tt.record), &record); err != nil {
				t.Fatal(err)
			}
			wakes := false
			for _, pattern := range patterns(t) {
				wakes = wakes || fits(t, pattern, record)
			}
			if wakes != tt.wakes {
				t.Errorf("reaches the worker: %v", wakes)
			}
		})
	}
}

// patterns returns the filters of the mapping. A record arrives if it matches one of them.
func patterns(t *testing.T) []any {
	t.Helper()
	var all []any
	for _, filter := range list(worker(t), "FilterCriteria", "Filters") {
		var pattern any
		if err := json.Unmarshal([]byte(text(filter, "Pattern")), &pattern); err != nil {
			t.Fatal(err)
		}
		all = append(all, pattern)
	}
	if len(all) == 0 {
		t.Fatal("no filters: every record arrives")
	}
	return all
}

// fits evaluates a pattern as Lambda does. All members of an object must match, and one entry of a list: an equal value or a
// prefix.
func fits(t *testing.T, pattern, value any) bool {
	t.Helper()
	switch pattern := pattern.(type) {
	case object:
		members, _ := value.(object)
		for name, inner := range pattern {
			if !fits(t, inner, members[name]) {
				return false
			}
		}
		return true
	case []any:
		for _, entry := range pattern {
			if entryFits(t, entry, value) {
				return true
			}
		}
		return false
	}
	t.Fatalf("Lambda rejects %v in a pattern", pattern)
	return false
}

func entryFits(t *testing.T, entry, value any) bool {
	t.Helper()
	operator, compound := entry.(object)
	if !compound {
		return entry == value
	}
	prefix, ok := operator["prefix"].(string)
	if !ok || len(operator) != 1 {
		t.Fatalf("operator %v is not supported here", operator)
	}
	s, isText := value.(string)
	return isText && strings.HasPrefix(s, prefix)
}
