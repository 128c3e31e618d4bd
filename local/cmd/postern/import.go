package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"postern/local/importer"
)

var (
	errGitLab      = errors.New("GITLAB is missing: the address of the GitLab to import from")
	errImportFile  = errors.New("FILE is missing: the new file for the document")
	errImportToken = errors.New(
		"GITLAB_TOKEN or GITLAB_TOKEN_FILE is missing: an administrator's personal access token with the scope read_api")
)

// importWorkers is the number of concurrent requests for users, groups or projects. More would only reach GitLab's limits sooner.
const importWorkers = 4

// imported builds a directory document from a running GitLab. It needs no running system.
func imported(ctx context.Context, i invocation) error {
	token, err := importToken(i)
	from, file := i.variables.Get("GITLAB"), i.variables.Get("FILE")
	if from == "" {
		err = errors.Join(err, errGitLab)
	}
	if file == "" {
		err = errors.Join(err, errImportFile)
	}
	if err != nil {
		return err
	}
	counts, err := importer.Import{
		URL: from, Token: token, File: file, Workers: importWorkers, Progress: i.reportf, Now: time.Now, Sleep: sleep,
	}.Do(ctx)
	if err != nil {
		return err
	}
	for _, array := range slices.Sorted(maps.Keys(counts)) {
		if _, err := fmt.Fprintf(i.out, "%-20s %d\n", array, counts[array]); err != nil {
			return err
		}
	}
	return nil
}

// importToken reads the token. An argument would show it to all users of the machine.
func importToken(i invocation) (string, error) {
	if token := i.variables.Get("GITLAB_TOKEN"); token != "" {
		return token, nil
	}
	file := i.variables.Get("GITLAB_TOKEN_FILE")
	if file == "" {
		return "", errImportToken
	}
	content, err := os.ReadFile(file) //nolint:gosec // the user's file
	if err != nil {
		return "", fmt.Errorf("GITLAB_TOKEN_FILE: %w", err)
	}
	token := strings.TrimSpace(string(content))
	if token == "" {
		return "", errImportToken
	}
	return token, nil
}

// sleep waits for the duration or until the context ends.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
