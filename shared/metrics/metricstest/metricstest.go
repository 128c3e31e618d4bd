// Package metricstest parses log lines as CloudWatch does, for tests.
package metricstest

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// Datum is one value of a metric.
type Datum struct {
	Namespace, Name, Unit string
	Dimensions            map[string]string
	Value                 float64
	At                    time.Time
}

// String returns for example "requests by decision=denied, family=gitaccess".
func (d Datum) String() string {
	by := make([]string, 0, len(d.Dimensions))
	for name, value := range d.Dimensions {
		by = append(by, name+"="+value)
	}
	slices.Sort(by)
	return d.Name + " by " + strings.Join(by, ", ")
}

// Names returns the name of the metric and of its dimensions.
func (d Datum) Names() string {
	return d.Name + " by " + strings.Join(slices.Sorted(maps.Keys(d.Dimensions)), ", ")
}

// The names, values (slightly stricter than CloudWatch) and units that CloudWatch accepts. It drops all others silently.
var (
	printable = regexp.MustCompile(`^[\x21-\x7e][\x20-\x7e]{0,999}$`)
	spaces    = regexp.MustCompile(`^[A-Za-z0-9./\-_#:]{1,255}$`)
	units     = []string{"Count", "Milliseconds", "Seconds"}
)

type document struct {
	Timestamp         int64
	CloudWatchMetrics []struct {
		Namespace  string
		Dimensions [][]string
		Metrics    []struct{ Name, Unit string }
	}
}

// Read returns the data of a line, none for a line without metrics. Data that CloudWatch would drop fail the test.
func Read(t testing.TB, line []byte) []Datum {
	t.Helper()
	var whole map[string]any
	if err := json.Unmarshal(line, &whole); err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	if whole["_aws"] == nil {
		return nil
	}
	var parsed struct {
		AWS document `json:"_aws"`
	}
	if err := json.Unmarshal(line, &parsed); err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	var data []Datum
	for _, directive := range parsed.AWS.CloudWatchMetrics {
		if !spaces.MatchString(directive.Namespace) || len(directive.Dimensions) == 0 || len(directive.Metrics) == 0 {
			t.Errorf("CloudWatch drops %+v", directive)
		}
		for _, set := range directive.Dimensions {
			dimensions := texts(t, whole, set)
			for _, m := range directive.Metrics {
				value, isNumber := whole[m.Name].(float64)
				if !isNumber || !printable.MatchString(m.Name) || !slices.Contains(units, m.Unit) {
					t.Errorf("CloudWatch drops %s: %v %s", m.Name, whole[m.Name], m.Unit)
				}
				data = append(data, Datum{
					Namespace: directive.Namespace, Name: m.Name, Unit: m.Unit, Dimensions: dimensions, Value: value,
					At: time.UnixMilli(parsed.AWS.Timestamp).UTC(),
				})
			}
		}
	}
	return data
}

func texts(t testing.TB, line map[string]any, set []string) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, name := range set {
		value, isText := line[name].(string)
		if !isText || !printable.MatchString(value) || !printable.MatchString(name) {
			t.Errorf("CloudWatch drops metrics with the dimension %s = %v", name, line[name])
		}
		found[name] = value
	}
	return found
}

// Strings formats the data with their values, sorted.
func Strings(data []Datum) []string {
	all := make([]string, 0, len(data))
	for _, d := range data {
		all = append(all, fmt.Sprintf("%v: %v", d, d.Value))
	}
	slices.Sort(all)
	return all
}
