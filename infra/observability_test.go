package infra_test

import (
	"encoding/json"
	"slices"
	"testing"
)

const nested = "infra/observability.yaml"

func TestNestedTemplateIsGivenWhatItNeeds(t *testing.T) {
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

// watched returns which metrics have an alarm, as "Namespace Metric Parameter".
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
		"AWS/DynamoDB ReadThrottleEvents TableName",
		"AWS/DynamoDB WriteThrottleEvents TableName",
	}
	for _, function := range tpl.functions() {
		want = append(want, "AWS/Lambda Errors "+function)
		if len(tpl.routed(function)) > 0 {
			want = append(want, "AWS/Lambda Throttles "+function)
		}
	}
	for _, metric := range want {
		if !slices.Contains(found, metric) {
			t.Errorf("no alarm on %s", metric)
		}
	}
}

func TestAlarmsAreHeard(t *testing.T) {
	tpl := read(t, nested)
	for _, id := range tpl.ofType("AWS::CloudWatch::Alarm") {
		alarm := tpl.resource(id)
		for _, action := range []string{"AlarmActions", "OKActions"} {
			if branches := list(alarm, action, "Fn::If"); len(branches) != 3 || branches[0] != "HasTopic" {
				t.Errorf("%s: %s does not follow the topic", id, action)
			}
		}
		if text(alarm, "TreatMissingData") != "notBreaching" {
			t.Errorf("%s rings while nobody asks", id)
		}
	}
}

func TestDashboardIsJSON(t *testing.T) {
	body := text(read(t, nested).resource("Dashboard"), "DashboardBody", "Fn::Sub")
	var dashboard struct {
		Widgets []struct {
			Properties struct {
				Title   string
				Metrics [][]any
			}
		}
	}
	if err := json.Unmarshal([]byte(body), &dashboard); err != nil {
		t.Fatal(err)
	}
	for _, widget := range dashboard.Widgets {
		if widget.Properties.Title == "" || len(widget.Properties.Metrics) == 0 {
			t.Errorf("widget %+v shows nothing", widget)
		}
	}
	if len(dashboard.Widgets) == 0 {
		t.Error("no widgets")
	}
}
