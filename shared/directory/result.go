package directory

import (
	"sync"

	"postern/shared/directory/document"
)

// Result is what became of a document: what was done for each kind of record, or what is wrong with it.
type Result struct {
	Counts   map[string]Count   `json:"counts,omitempty"`
	Mistakes []document.Mistake `json:"mistakes,omitempty"`

	// Of a dry run, which has written nothing: the counts are those that applying the document would come to, and Changes
	// what it would do. Those that are not listed, because there are too many, are counted by MoreChanges.
	DryRun      bool     `json:"dry_run,omitempty"`
	Changes     []Change `json:"changes,omitempty"`
	MoreChanges int      `json:"more_changes,omitempty"`
}

// Count is how many records of a kind were created, updated, left unchanged and removed.
type Count struct {
	Created   int `json:"created"`
	Updated   int `json:"updated"`
	Unchanged int `json:"unchanged"`
	Removed   int `json:"removed"`
}

// outcome is what was done for one record.
type outcome uint8

const (
	unchanged outcome = iota
	created
	updated
	removed
)

// tally counts outcomes; it is safe for concurrent use.
type tally struct {
	mu     sync.Mutex
	counts map[string]Count
}

// add counts one record.
func (t *tally) add(kind string, o outcome) {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.counts[kind]
	switch o {
	case unchanged:
		c.Unchanged++
	case created:
		c.Created++
	case updated:
		c.Updated++
	case removed:
		c.Removed++
	}
	t.counts[kind] = c
}
