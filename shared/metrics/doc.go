// Package metrics makes CloudWatch metrics of lines of the log: a line in the embedded metric format says of itself which
// of its numbers are metrics, and by which of its texts they are counted. CloudWatch takes them from there, so nothing is
// sent and nobody waits.
//
// All metrics there are stand in one table here; dashboard and alarms are held against it. What a text of a line may be
// is up to those who write it: each value is a metric of its own, so texts that callers choose must not be among them.
package metrics
