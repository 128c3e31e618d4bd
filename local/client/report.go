package client

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"postern/shared/directory"
)

// ErrMistakes means that the document was rejected. The mistakes are printed.
var ErrMistakes = errors.New("nothing was loaded: the document has mistakes")

// Report prints the directory function's answer: a line of counts for each kind of record, or every mistake with its place. After
// mistakes it returns ErrMistakes.
func Report(w io.Writer, body []byte) error {
	var result directory.Result
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber() // ids keep their precision
	if err := decoder.Decode(&result); err != nil {
		return fmt.Errorf("the directory function answers %s: %w", body, err)
	}
	if len(result.Mistakes) > 0 {
		for _, m := range result.Mistakes {
			if _, err := fmt.Fprintln(w, strings.TrimPrefix(m.Place+": "+m.Message, ": ")); err != nil {
				return fmt.Errorf("print the mistakes: %w", err)
			}
		}
		return fmt.Errorf("%w (%d)", ErrMistakes, len(result.Mistakes))
	}
	if err := printChanges(w, &result); err != nil {
		return err
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "kind\tcreated\tupdated\tunchanged\tremoved") // Flush returns errors
	for _, kind := range slices.Sorted(maps.Keys(result.Counts)) {
		c := result.Counts[kind]
		_, _ = fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%d\n", kind, c.Created, c.Updated, c.Unchanged, c.Removed)
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("print the counts: %w", err)
	}
	return nil
}

// printChanges lists the changes of a preview.
func printChanges(w io.Writer, result *directory.Result) error {
	if !result.DryRun {
		return nil
	}
	var b strings.Builder
	for i := range result.Changes {
		c := &result.Changes[i]
		fmt.Fprintf(&b, "%s %s", c.Outcome, c.Kind)
		for _, name := range slices.Sorted(maps.Keys(c.Identity)) {
			fmt.Fprintf(&b, " %s=%s", name, value(c.Identity[name]))
		}
		b.WriteString("\n")
		for _, name := range slices.Sorted(maps.Keys(c.Fields)) {
			fmt.Fprintf(&b, "  %s: %s -> %s\n", name, value(c.Fields[name].From), value(c.Fields[name].To))
		}
	}
	if result.MoreChanges > 0 {
		fmt.Fprintf(&b, "and %d more\n", result.MoreChanges)
	}
	if _, err := io.WriteString(w, b.String()+"nothing was written; it would have been:\n"); err != nil {
		return fmt.Errorf("print the changes: %w", err)
	}
	return nil
}

// value formats a value as JSON.
func value(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		return "?"
	}
	return string(raw)
}
