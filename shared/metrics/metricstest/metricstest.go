// Package metricstest reads lines of the log as CloudWatch does, for tests of what writes them.
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

// Datum is one value that CloudWatch takes from a line.
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

// Names returns what a table of metrics calls it: the name, and the names of the texts that it is counted by.
func (d Datum) Names() string {
	return d.Name + " by " + strings.Join(slices.Sorted(maps.Keys(d.Dimensions)), ", ")
}

// The names, values (a little shorter than CloudWatch takes them) and units. What it does not take it drops without a word.
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

// Read returns the data of one line, none for a line without metrics. What CloudWatch would drop fails the test.
func Read(t testing.TB, line []byte) []Datum {
	t.Helper()
	var whole map[string]any
	if err := json.Unmarshal(line, &whole); err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	if whole["_aws"] == nil {
		return nil
	}
	var told struct {
		AWS document `json:"_aws"`
	}
	if err := json.Unmarshal(line, &told); err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	var data []Datum
	for _, directive := range told.AWS.CloudWatchMetrics {
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
					At: time.UnixMilli(told.AWS.Timestamp).UTC(),
				})
			}
		}
	}
	return data
}

// texts returns the values of a set of dimensions.
func texts(t testing.TB, line map[string]any, set []string) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, name := range set {
		value, isText := line[name].(string)
		if !isText || !printable.MatchString(value) || !printable.MatchString(name) {
			t.Errorf("CloudWatch drops what is counted by %s = %v", name, line[name])
		}
		found[name] = value
	}
	return found
}

// Strings returns the data as texts, sorted, each with its value.
func Strings(data []Datum) []string {
	all := make([]string, 0, len(data))
	for _, d := range data {
		all = append(all, fmt.Sprintf("%v: %v", d, d.Value))
	}
	slices.Sort(all)
	return all
}
