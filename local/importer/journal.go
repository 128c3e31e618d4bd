package importer

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
)

// journal has the answers of an import, one entry a line. A later run continues from its complete lines.
type journal struct {
	name string
	mu   sync.Mutex
	file *os.File
	kept map[string]*progress // by list
}

// entry is a line: a page of a list, or the resources of one item on it.
type entry struct {
	Source  string                       `json:"source,omitempty"` // on the first line: the GitLab's API
	List    string                       `json:"list,omitempty"`
	Page    bool                         `json:"page,omitempty"`
	IDs     []int64                      `json:"ids,omitempty"`     // of a page
	Next    string                       `json:"next,omitempty"`    // the next page, "" after the last
	Visited int64                        `json:"visited,omitempty"` // by id
	Deleted bool                         `json:"gone,omitempty"`    // deleted after it was listed
	Records map[string][]json.RawMessage `json:"records,omitempty"` // by array
}

// progress is the progress of a list.
type progress struct {
	ids     []int64 // in order, without duplicates
	listed  map[int64]bool
	visited map[int64]bool
	deleted map[int64]bool
	begun   bool
	next    string
}

// whole reports whether all pages are stored.
func (p *progress) whole() bool { return p.begun && p.next == "" }

// pending returns the ids without a visit.
func (p *progress) pending() []int64 {
	return slices.DeleteFunc(slices.Clone(p.ids), func(id int64) bool { return p.visited[id] })
}

var (
	errJournal = errors.New("is the journal of another import: remove it, or import into another file")
	errBusy    = errors.New("another import writes it")
)

// openJournal opens an existing journal or starts one.
func openJournal(name, source string) (*journal, error) {
	file, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // beside the user's file
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	j := &journal{name: name, file: file, kept: map[string]*progress{}}
	// The lock ends with the process.
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = errBusy
	}
	if err == nil {
		err = j.resume(source)
	}
	if err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("journal %s: %w", name, err)
	}
	return j, nil
}

// resume reads all complete entries and removes an incomplete one at the end.
func (j *journal) resume(source string) error {
	first := true
	end, err := j.scan(func(e *entry) error {
		if first && e.Source != source {
			return errJournal
		}
		first = false
		j.note(e)
		return nil
	})
	if err != nil {
		return err
	}
	if first && !j.begun() {
		return errJournal
	}
	if err := j.file.Truncate(end); err != nil {
		return err
	}
	if _, err := j.file.Seek(end, io.SeekStart); err != nil {
		return err
	}
	if first {
		return j.write(&entry{Source: source})
	}
	return nil
}

// begun reports whether a file without a complete line is empty or the beginning of a journal. Another file is not changed.
func (j *journal) begun() bool {
	const first = `{"source":"`
	beginning := make([]byte, len(first))
	n, err := j.file.ReadAt(beginning, 0)
	return (err == nil || errors.Is(err, io.EOF)) && strings.HasPrefix(first, string(beginning[:n]))
}

// scan reads all entries and returns the end of the last complete one.
func (j *journal) scan(do func(*entry) error) (end int64, err error) {
	lines := bufio.NewReaderSize(io.NewSectionReader(j.file, 0, 1<<62), 1<<16)
	for {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return end, nil // the last line is incomplete
		}
		if err != nil {
			return end, err
		}
		var e entry
		if err := json.NewDecoder(bytes.NewReader(line)).Decode(&e); err != nil {
			return end, fmt.Errorf("%w: byte %d: %w", errJournal, end, err)
		}
		if err := do(&e); err != nil {
			return end, err
		}
		end += int64(len(line))
	}
}

// add writes an entry and records it.
func (j *journal) add(e *entry) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := j.write(e); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	j.note(e)
	return nil
}

func (j *journal) write(e *entry) error {
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	_, err = j.file.Write(append(line, '\n'))
	return err
}

// note records an entry.
func (j *journal) note(e *entry) {
	p := j.list(e.List)
	switch {
	case e.Page:
		p.begun, p.next = true, e.Next
		for _, id := range e.IDs {
			if !p.listed[id] {
				p.ids, p.listed[id] = append(p.ids, id), true
			}
		}
	case e.Visited != 0:
		p.visited[e.Visited] = true
		if e.Deleted {
			p.deleted[e.Visited] = true
		}
	}
}

// list returns the progress of a list.
func (j *journal) list(name string) *progress {
	if j.kept[name] == nil {
		j.kept[name] = &progress{listed: map[int64]bool{}, visited: map[int64]bool{}, deleted: map[int64]bool{}}
	}
	return j.kept[name]
}

// Close closes the file and keeps it.
func (j *journal) Close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.file == nil {
		return nil
	}
	err := j.file.Close()
	j.file = nil
	return err
}
