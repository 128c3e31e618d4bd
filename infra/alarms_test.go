package infra_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
)

// alarmRow matches a row of alarms.md: name, condition, meaning and remedy.
var alarmRow = regexp.MustCompile("(?m)^\\| `([A-Za-z0-9]+)` \\| ([^|]+) \\| ([^|]+) \\| ([^|]+) \\|$")

// alarmCondition returns the condition of a template's alarm as alarms.md words it.
func alarmCondition(alarm any) string {
	threshold := fmt.Sprint(at(alarm, "Threshold"))
	if parameter := text(alarm, "Threshold", "Ref"); parameter != "" {
		threshold = "`" + parameter + "`"
	}
	words := fmt.Sprintf("%s%s ≥ %s in %v s", text(alarm, "Statistic"), text(alarm, "ExtendedStatistic"), threshold, at(alarm, "Period"))
	if times := at(alarm, "EvaluationPeriods"); times != 1 {
		words += fmt.Sprintf(", %v times", times)
	}
	return words
}

func TestAlarmsDocumentDescribesEveryAlarm(t *testing.T) {
	raw, err := os.ReadFile("../docs/alarms.md")
	if err != nil {
		t.Fatal(err)
	}
	tpl, described := read(t, nested), map[string]int{}
	for _, row := range alarmRow.FindAllStringSubmatch(string(raw), -1) {
		name, at, meaning, advice := row[1], row[2], row[3], row[4]
		described[name]++
		alarm := tpl.resource(name)
		if alarm == nil {
			t.Errorf("there is no alarm %s", name)
			continue
		}
		if want := alarmCondition(alarm); at != want {
			t.Errorf("%s has the condition %[3]q, alarms.md has %[2]q", name, want, at)
		}
		if len(strings.Fields(meaning)) < 2 || len(strings.Fields(advice)) < 2 {
			t.Errorf("%s has no meaning or no remedy in alarms.md", name)
		}
	}
	for _, name := range tpl.ofType("AWS::CloudWatch::Alarm") {
		if described[name] != 1 {
			t.Errorf("%d rows of alarms.md are about %s, want 1", described[name], name)
		}
		if comparison := text(tpl.resource(name), "ComparisonOperator"); comparison != "GreaterThanOrEqualToThreshold" {
			t.Errorf("%s compares by %s, alarms.md by ≥", name, comparison)
		}
	}
}
