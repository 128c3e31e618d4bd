// Package metrics publishes CloudWatch metrics through log lines in the embedded metric format. A line declares which of
// its numbers are metrics, and which of its fields are their dimensions. CloudWatch extracts them from the log, so no
// request waits for a call.
//
// One table here defines all metrics. Tests compare the dashboard and the alarms with it. Each value of a dimension
// creates a metric, so dimensions must not contain values that callers choose.
package metrics
