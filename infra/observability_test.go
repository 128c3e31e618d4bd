package infra_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

const nested = "infra/observability.yaml"

func TestNestedTemplateGetsItsParameters(t *testing.T) {
	tpl, inner := read(t, "template.yaml"), read(t, nested)
	stack := tpl.resource("Observability")
	if text(stack, "TemplateURL") != nested {
		t.Fatalf("nested template is %q", text(stack, "TemplateURL"))
	}
	var needed []string
	for _, name := range keys(at(inner.root, "Parameters")) {
		if at(inner.root, "Parameters", name, "Default") == nil || at(stack, "Parameters", name) != nil {
			needed = append(needed, name)
		}
	}
	equal(t, "parameters", keys(at(stack, "Parameters")), needed)
	for _, function := range tpl.functions() {
		if text(stack, "Parameters", function, "Ref") != function {
			t.Errorf("%s is not watched", function)
		}
	}
}

// watched returns the metrics with an alarm, as "Namespace Metric Parameter".
func watched(tpl template) []string {
	var found []string
	for _, id := range tpl.ofType("AWS::CloudWatch::Alarm") {
		alarm := tpl.resource(id)
		for _, dimension := range list(alarm, "Dimensions") {
			found = append(found, text(alarm, "Namespace")+" "+text(alarm, "MetricName")+" "+text(dimension, "Value", "Ref"))
		}
	}
	return found
}

func TestAlarms(t *testing.T) {
	tpl := read(t, "template.yaml")
	found := watched(read(t, nested))
	want := []string{
		"AWS/ApiGateway 5XXError InternalApiName",
		"AWS/ApiGateway Latency InternalApiName",
		"AWS/SQS ApproximateNumberOfMessagesVisible DirectoryFailures",
		"AWS/SQS ApproximateNumberOfMessagesVisible PostReceiveFailures",
		"AWS/DynamoDB ReadThrottleEvents TableName",
		"AWS/DynamoDB WriteThrottleEvents TableName",
	}
	for _, function := range tpl.functions() {
		want = append(want, "AWS/Lambda Errors "+function)
		if len(tpl.routed(function)) > 0 {
			want = append(want, "AWS/Lambda Throttles "+function)
		}
		if len(tpl.streams(function)) > 0 {
			want = append(want, "AWS/Lambda IteratorAge "+function)
		}
	}
	for _, metric := range want {
		if !slices.Contains(found, metric) {
			t.Errorf("no alarm on %s", metric)
		}
	}
}

// A description has the event first, then a place to look at or a remedy.
func TestAlarmDescriptionsAdvise(t *testing.T) {
	tpl := read(t, nested)
	for _, id := range tpl.ofType("AWS::CloudWatch::Alarm") {
		description := text(tpl.resource(id), "AlarmDescription", "Fn::Sub")
		happened, advice, _ := strings.Cut(description, ". ")
		if !strings.HasPrefix(happened, "${Name}: ") || !strings.HasSuffix(advice, ".") {
			t.Errorf("%s: description %q", id, description)
		}
		if most := 1024 - len("stack"); len(description) > most {
			t.Errorf("%s: %d characters, CloudWatch allows %d", id, len(description), most)
		}
	}
}

// Waiting for a full batch raises no alarm.
func TestLagAlarmExceedsTheBatchWindow(t *testing.T) {
	inner := read(t, nested)
	millis, _ := at(inner.root, "Parameters", "LagMillis", "Default").(int)
	window, _ := at(worker(t), "MaximumBatchingWindowInSeconds").(int)
	if millis <= 10*1000*window {
		t.Errorf("the alarm's lag is %d ms, a batch waits for %d s", millis, window)
	}
	if threshold := text(inner.resource("PostReceiveLag"), "Threshold", "Ref"); threshold != "LagMillis" {
		t.Errorf("the lag's threshold is %q", threshold)
	}
}

func TestAlarmsNotifyTheTopic(t *testing.T) {
	tpl := read(t, nested)
	for _, id := range tpl.ofType("AWS::CloudWatch::Alarm") {
		alarm := tpl.resource(id)
		for _, action := range []string{"AlarmActions", "OKActions"} {
			if branches := list(alarm, action, "Fn::If"); len(branches) != 3 || branches[0] != "HasTopic" {
				t.Errorf("%s: %s does not follow the topic", id, action)
			}
		}
		if text(alarm, "TreatMissingData") != "notBreaching" {
			t.Errorf("missing data raises %s", id)
		}
	}
}

// widget is a graph of the dashboard.
type widget struct {
	X, Y, Width, Height int
	Properties          struct {
		Title   string
		Metrics [][]any
	}
}

func dashboard(t *testing.T) []widget {
	t.Helper()
	var board struct{ Widgets []widget }
	if err := json.Unmarshal([]byte(text(read(t, nested).resource("Dashboard"), "DashboardBody", "Fn::Sub")), &board); err != nil {
		t.Fatal(err)
	}
	return board.Widgets
}

func TestDashboardHasNoEmptyWidget(t *testing.T) {
	widgets := dashboard(t)
	taken := map[[2]int]string{}
	for i := range widgets {
		w := &widgets[i]
		if w.Properties.Title == "" || len(w.Properties.Metrics) == 0 {
			t.Errorf("widget %+v shows nothing", w)
		}
		if other, there := taken[[2]int{w.X, w.Y}]; there {
			t.Errorf("%q hides %q", w.Properties.Title, other)
		}
		taken[[2]int{w.X, w.Y}] = w.Properties.Title
	}
	if len(widgets) == 0 {
		t.Error("no widgets")
	}
}

func TestDashboardShowsEveryFunction(t *testing.T) {
	shown := map[string]bool{}
	widgets := dashboard(t)
	for i := range widgets {
		for _, metric := range widgets[i].Properties.Metrics {
			if len(metric) >= 4 {
				shown[fmt.Sprint(metric[1], " ", metric[3])] = true
			}
		}
	}
	for _, function := range read(t, "template.yaml").functions() {
		for _, metric := range []string{"Invocations", "Duration", "Errors", "Throttles", "ConcurrentExecutions"} {
			if !shown[metric+" ${"+function+"}"] {
				t.Errorf("%s of %s is not shown", metric, function)
			}
		}
	}
	for _, metric := range []string{
		"IteratorAge ${PostReceiveFunction}",
		"ApproximateNumberOfMessagesVisible ${PostReceiveFailures}", "ApproximateNumberOfMessagesVisible ${DirectoryFailures}",
	} {
		if !shown[metric] {
			t.Errorf("%s is not shown", metric)
		}
	}
}
