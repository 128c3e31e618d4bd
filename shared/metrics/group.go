package metrics

// Unit is a CloudWatch unit.
type Unit string

// The units of the metrics.
const (
	Count        Unit = "Count"
	Milliseconds Unit = "Milliseconds"
	Seconds      Unit = "Seconds"
)

// Metric is a number of a line, named by its key.
type Metric struct {
	Name string
	Unit Unit
}

// Group is a set of metrics with the same dimensions.
type Group struct {
	Metrics []Metric
	By      [][]string `json:"Dimensions"` // each set defines separate metrics
}

var duration = Metric{"duration_ms", Milliseconds}

// The groups. A line declares the groups for which it has all dimensions.
var (
	// Requests measures the duration of requests. Its sample count is the number of requests.
	Requests = Group{[]Metric{duration}, [][]string{{"family", "route"}}}
	// Failures counts the answers with 5xx.
	Failures = Group{[]Metric{{"failures", Count}}, [][]string{{"family", "route"}}}
	// Decisions counts requests by decision: allowed, denied or error.
	Decisions = Group{[]Metric{{"requests", Count}}, [][]string{{"family", "decision"}}}
	// Refusals counts requests by failed check. The check named authentication is common to all families.
	Refusals = Group{[]Metric{{"requests", Count}}, [][]string{{"family", "failed_check"}, {"failed_check"}}}
	// Table measures the use of the table.
	Table = Group{
		[]Metric{{"dynamodb_calls", Count}, {"dynamodb_read_units", Count}, {"dynamodb_write_units", Count}},
		[][]string{{"family"}},
	}
	// Work measures the duration of asynchronous work, such as a push or a document, by outcome.
	Work = Group{[]Metric{duration}, [][]string{{"family", "outcome"}}}
	// Lag is the age of a push at the end of its processing.
	Lag = Group{[]Metric{{"lag_ms", Milliseconds}}, [][]string{{"family"}}}
	// Secrets counts the refreshes of secrets by outcome.
	Secrets = Group{[]Metric{{"secret_refreshes", Count}}, [][]string{{"outcome"}}}
	// Overdue is the time by which the activation of a secret is delayed, because clients may still use the old one.
	Overdue = Group{[]Metric{{"overdue_seconds", Seconds}}, [][]string{{"family"}, {"family", "secret"}}}
)

// All returns every group.
func All() []*Group {
	return []*Group{&Requests, &Failures, &Decisions, &Refusals, &Table, &Work, &Lag, &Secrets, &Overdue}
}
