package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"postern/local/client"
	"postern/local/secretfile"
	"postern/local/server"
	"postern/local/settings"
	"postern/local/state"
	"postern/shared/auth"
)

var errDocument = errors.New("DOC is missing: the file of a directory document")

// token prints only the JWT, for use as $(postern token).
func token(_ context.Context, i invocation) error {
	kind, err := secretfile.ParseKind(i.variables.Get("KIND"))
	if err != nil {
		return err
	}
	jwt, err := sign(i, kind)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(i.out, jwt)
	return err
}

// call sends one signed request and prints the answer's body. The status goes to the progress.
func call(ctx context.Context, i invocation) error {
	system, err := running(i)
	if err != nil {
		return err
	}
	route := i.variables.Get("ROUTE")
	kind, err := secretfile.ParseKind(i.variables.Get("KIND"))
	if err != nil {
		return err
	}
	if i.variables.Get("KIND") == "" && (strings.Contains(route, "internal/kubernetes/") || strings.Contains(route, "internal/agents/")) {
		kind = auth.KAS
	}
	jwt, err := sign(i, kind)
	if err != nil {
		return err
	}
	answer, err := client.Call{
		URL: system.URL, Route: route, Method: i.variables.Get("METHOD"), Data: i.variables.Get("DATA"),
		Header: kind.Header(), Token: jwt, PrivateToken: i.variables.Get("PRIVATE_TOKEN"), AgentToken: i.variables.Get("AGENT_TOKEN"),
	}.Do(ctx)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintln(i.progress, answer.Status)
	_, err = fmt.Fprintf(i.out, "%s\n", bytes.TrimSuffix(answer.Body, []byte("\n")))
	return err
}

// apply loads a document and prints the counts of its records.
func apply(ctx context.Context, i invocation) error {
	document := i.variables.Get("DOC")
	if document == "" {
		return errDocument
	}
	system, err := running(i)
	if err != nil {
		return err
	}
	dryRun, err := yes(i, "DRY_RUN")
	if err != nil {
		return err
	}
	answer, err := load(ctx, system, document, dryRun)
	if err != nil {
		return err
	}
	return client.Report(i.out, answer)
}

// yes reads a variable that is 1, true, 0, false or unset.
func yes(i invocation, name string) (bool, error) {
	text := i.variables.Get(name)
	if text == "" {
		return false, nil
	}
	is, err := strconv.ParseBool(text)
	if err != nil {
		return false, fmt.Errorf("%s=%s: must be 1 or 0", name, text)
	}
	return is, nil
}

func load(ctx context.Context, system state.System, document string, dryRun bool) ([]byte, error) {
	return client.Apply{
		URL: system.URL, Function: server.DirectoryFunction, Storage: system.Secrets, Bucket: system.Bucket, DryRun: dryRun,
	}.Do(ctx, document)
}

// exported prints the whole directory as a document, or writes it to a new file.
func exported(ctx context.Context, i invocation) (err error) {
	system, err := running(i)
	if err != nil {
		return err
	}
	to := i.out
	if name := i.variables.Get("FILE"); name != "" {
		file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // the user's file
		if err != nil {
			return fmt.Errorf("FILE: %w", err)
		}
		defer func() { err = errors.Join(err, file.Close()) }()
		to = file
	}
	omitted, err := client.Export{URL: system.URL, Function: server.DirectoryFunction}.Do(ctx, to)
	for _, field := range slices.Sorted(maps.Keys(omitted)) {
		_, _ = fmt.Fprintf(i.progress, "omitted secret: %s of %d\n", field, omitted[field])
	}
	return err
}

// running returns the system of PORT.
func running(i invocation) (state.System, error) {
	s, err := settings.Read(i.root, i.variables)
	if err != nil {
		return state.System{}, err
	}
	return state.Load(i.root, s.Port)
}

// sign creates a token. The secret is that of a variable, of the system of PORT, or of the default file, in this order. It needs no
// running system.
func sign(i invocation, kind auth.Kind) (string, error) {
	ttl, err := client.ParseTTL(i.variables.Get("TTL"))
	if err != nil {
		return "", err
	}
	s, err := settings.Read(i.root, i.variables)
	if err != nil {
		return "", err
	}
	system, err := state.Load(i.root, s.Port)
	if err != nil && !errors.Is(err, state.ErrNotRunning) {
		return "", err
	}
	file, variable, known := s.ShellSecretFile, "SHELL_SECRET_FILE", system.ShellSecretFile
	if kind == auth.KAS {
		file, variable, known = s.KASSecretFile, "KAS_SECRET_FILE", system.KASSecretFile
	}
	if i.variables.Get(variable) == "" && known != "" {
		file = known
	}
	return client.Token(kind, file, time.Now(), ttl)
}
