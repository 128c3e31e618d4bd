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

// Import is one import. Now and Sleep are the clock.
type Import struct {
	URL   string // GitLab's address, with or without /api/v4
	Token string // an administrator's personal access token with the scope read_api, or api
	File  string // the document, a new file; the journal lies beside it, with ".part" behind its name

	Workers  int                              // how many users, groups or projects are asked for at once; 4
	Progress func(format string, args ...any) // is told how far it is, by several goroutines at once
	Now      func() time.Time
	Sleep    func(context.Context, time.Duration) error
}

// Errors that the user can do something about.
var (
	ErrExists           = errors.New("is there already")
	errNotAdministrator = errors.New("the token is not an administrator's, who alone sees everything")
)

// Do imports. After an error that is not ErrExists, doing it again goes on from the journal. The result tells how many
// records the document has, by array.
func (i Import) Do(ctx context.Context) (map[string]int, error) {
	if _, err := os.Stat(i.File); !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", i.File, ErrExists)
	}
	source, err := i.source()
	if err != nil {
		return nil, err
	}
	// Before the journal is made, so that a wrong address or token leaves nothing behind.
	if err := source.greet(ctx); err != nil {
		return nil, err
	}
	j, err := openJournal(i.File+".part", source.url())
	if err != nil {
		return nil, err
	}
	defer func() { _ = j.Close() }()
	w := walk{source: source, journal: j, workers: max(i.Workers, 1), say: i.Progress}
	if err := w.all(ctx); err != nil {
		return nil, fmt.Errorf("%w\nwhat has come so far is kept: the same command goes on from there", err)
	}
	counts, err := i.finish(j)
	if err != nil {
		return nil, err
	}
	return counts, errors.Join(j.Close(), os.Remove(j.name))
}

// finish writes the document, which appears whole or not at all.
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
	// A link and not a rename, which would replace what somebody else has put there meanwhile.
	if err := os.Link(half, i.File); err != nil {
		return nil, fmt.Errorf("document: %w", err)
	}
	return counts, nil
}
