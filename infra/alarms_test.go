package infra_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
)

// explained is a row of alarms.md: name, when it rings, what it means, what to do.
var explained = regexp.MustCompile("(?m)^\\| `([A-Za-z0-9]+)` \\| ([^|]+) \\| ([^|]+) \\| ([^|]+) \\|$")

// rings returns the condition of an alarm of the template in the words of alarms.md.
func rings(alarm any) string {
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

func TestEveryAlarmIsExplained(t *testing.T) {
	raw, err := os.ReadFile("../docs/alarms.md")
	if err != nil {
		t.Fatal(err)
	}
	tpl, told := read(t, nested), map[string]int{}
	for _, row := range explained.FindAllStringSubmatch(string(raw), -1) {
		name, at, meaning, advice := row[1], row[2], row[3], row[4]
		told[name]++
		alarm := tpl.resource(name)
		if alarm == nil {
			t.Errorf("there is no alarm %s", name)
			continue
		}
		if want := rings(alarm); at != want {
			t.Errorf("%s rings at %q, alarms.md says %q", name, want, at)
		}
		if len(strings.Fields(meaning)) < 2 || len(strings.Fields(advice)) < 2 {
			t.Errorf("%s is not explained", name)
		}
	}
	for _, name := range tpl.ofType("AWS::CloudWatch::Alarm") {
		if told[name] != 1 {
			t.Errorf("%d rows of alarms.md are about %s, want 1", told[name], name)
		}
		if comparison := text(tpl.resource(name), "ComparisonOperator"); comparison != "GreaterThanOrEqualToThreshold" {
			t.Errorf("%s compares by %s, alarms.md by ≥", name, comparison)
		}
	}
}
