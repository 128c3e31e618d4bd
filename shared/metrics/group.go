package metrics

// Unit is what a metric counts in, as CloudWatch names it.
type Unit string

// The units of this service.
const (
	Count        Unit = "Count"
	Milliseconds Unit = "Milliseconds"
	Seconds      Unit = "Seconds"
)

// Metric is a number of a line, by its name there.
type Metric struct {
	Name string
	Unit Unit
}

// Group is metrics of a line that are counted by the same of its texts.
type Group struct {
	Metrics []Metric
	By      [][]string `json:"Dimensions"` // each set of texts is a way of counting of its own
}

var duration = Metric{"duration_ms", Milliseconds}

// The groups. A line declares those of which it has every text.
var (
	// Requests is how long requests took. How many there were is its sample count.
	Requests = Group{[]Metric{duration}, [][]string{{"family", "route"}}}
	// Failures is the requests that this side failed to answer, with 5xx.
	Failures = Group{[]Metric{{"failures", Count}}, [][]string{{"family", "route"}}}
	// Decisions is how requests were decided: allowed, denied, or error where nothing could be.
	Decisions = Group{[]Metric{{"requests", Count}}, [][]string{{"family", "decision"}}}
	// Refusals is which check ended a request. The one named authentication is the same in all families.
	Refusals = Group{[]Metric{{"requests", Count}}, [][]string{{"family", "failed_check"}, {"failed_check"}}}
	// Table is what was asked of the table.
	Table = Group{
		[]Metric{{"dynamodb_calls", Count}, {"dynamodb_read_units", Count}, {"dynamodb_write_units", Count}},
		[][]string{{"family"}},
	}
	// Work is how long a piece of work took that nobody waits for, a push or a document, and what became of it.
	Work = Group{[]Metric{duration}, [][]string{{"family", "outcome"}}}
	// Lag is how old a push was when everything had been done that follows from it.
	Lag = Group{[]Metric{{"lag_ms", Milliseconds}}, [][]string{{"family"}}}
	// Secrets is how often secrets were fetched again, and whether that failed or brought new ones.
	Secrets = Group{[]Metric{{"secret_refreshes", Count}}, [][]string{{"outcome"}}}
	// Overdue is for how long a new version of a secret has been kept from its turn because clients may hold an old one.
	Overdue = Group{[]Metric{{"overdue_seconds", Seconds}}, [][]string{{"family"}, {"family", "secret"}}}
)

// All returns every group.
func All() []*Group {
	return []*Group{&Requests, &Failures, &Decisions, &Refusals, &Table, &Work, &Lag, &Secrets, &Overdue}
}
