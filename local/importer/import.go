package importer

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Import is one import of a GitLab into a document.
type Import struct {
	URL   string // GitLab's address, also with /api/v4
	Token string // an administrator's token (read_api)
	File  string // the new document, beside a journal named FILE.part

	Workers  int                              // concurrent requests for users, groups or projects
	Progress func(format string, args ...any) // reports progress, concurrently
	Now      func() time.Time
	Sleep    func(context.Context, time.Duration) error
}

// Errors that the user can fix.
var (
	ErrExists           = errors.New("exists already")
	errNotAdministrator = errors.New("the token is not an administrator's, and only administrators see everything")
)

// Do imports. After an error other than ErrExists another call continues from the journal. The result has the number of records by
// array.
func (i Import) Do(ctx context.Context) (map[string]int, error) {
	if _, err := os.Stat(i.File); !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", i.File, ErrExists)
	}
	source, err := i.source()
	if err != nil {
		return nil, err
	}
	// Before the journal is created, so a wrong address or token leaves no file.
	if err := source.greet(ctx); err != nil {
		return nil, err
	}
	j, err := openJournal(i.File+".part", source.url())
	if err != nil {
		return nil, err
	}
	defer func() { _ = j.Close() }()
	w := walk{source: source, journal: j, workers: max(i.Workers, 1), reportf: i.Progress}
	if err := w.all(ctx); err != nil {
		return nil, fmt.Errorf("%w\nthe answers so far are kept, and the same command continues from there", err)
	}
	counts, err := i.finish(j)
	if err != nil {
		return nil, err
	}
	return counts, errors.Join(j.Close(), os.Remove(j.name))
}

// finish writes the document atomically.
func (i Import) finish(j *journal) (counts map[string]int, err error) {
	file, err := os.CreateTemp(filepath.Dir(i.File), filepath.Base(i.File)+".*") // for its owner only
	if err != nil {
		return nil, fmt.Errorf("document: %w", err)
	}
	half := file.Name()
	defer func() { err = errors.Join(err, os.Remove(half)) }()
	counts, err = assemble(j, file, i.Progress)
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return nil, fmt.Errorf("document: %w", err)
	}
	// A link, because a rename would replace a file of another process.
	if err := os.Link(half, i.File); err != nil {
		return nil, fmt.Errorf("document: %w", err)
	}
	return counts, nil
}
