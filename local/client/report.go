package client

import (
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

// ErrMistakes says that a document was refused because of the mistakes that were printed.
var ErrMistakes = errors.New("nothing was loaded: the document has mistakes")

// Report writes what the directory function answered: a line of counts for each kind of record, or every mistake
// with its place, and then ErrMistakes.
func Report(w io.Writer, body []byte) error {
	var result directory.Result
	if err := json.Unmarshal(body, &result); err != nil {
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
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "kind\tcreated\tupdated\tunchanged\tremoved") // Flush tells of errors
	for _, kind := range slices.Sorted(maps.Keys(result.Counts)) {
		c := result.Counts[kind]
		_, _ = fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%d\n", kind, c.Created, c.Updated, c.Unchanged, c.Removed)
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("print the counts: %w", err)
	}
	return nil
}
