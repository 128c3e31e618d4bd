package secrets

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
)

// The staging labels of Secrets Manager, in the order in which a rotation moves a version along them.
const (
	pending  = "AWSPENDING"
	current  = "AWSCURRENT"
	previous = "AWSPREVIOUS"
)

// API is the part of *secretsmanager.Client that the package uses.
type API interface {
	GetSecretValue(
		context.Context, *secretsmanager.GetSecretValueInput, ...func(*secretsmanager.Options),
	) (*secretsmanager.GetSecretValueOutput, error)
}

// fetcher reads the versions of one secret.
type fetcher struct {
	api   API
	id    string
	parse func(text string) ([]byte, error)
}

// fetch returns the current key, and the previous and pending keys if they exist. It reads the labels in the order of a
// rotation, so it cannot miss a version that moves between two reads.
func (f *fetcher) fetch(ctx context.Context) ([][]byte, error) {
	next, err := f.version(ctx, pending)
	if err = unlessMissing(err); err != nil {
		return nil, err
	}
	now, err := f.version(ctx, current)
	if err != nil {
		return nil, err
	}
	before, err := f.version(ctx, previous)
	if err = unlessMissing(err); err != nil {
		return nil, err
	}
	keys := [][]byte{now}
	for _, other := range [][]byte{before, next} {
		if other != nil && !slices.ContainsFunc(keys, func(key []byte) bool { return bytes.Equal(key, other) }) {
			keys = append(keys, other)
		}
	}
	return keys, nil
}

// unlessMissing drops errors for a missing or malformed version. A malformed version is common after a wrong secret was
// stored and then corrected.
func unlessMissing(err error) error {
	var missing *types.ResourceNotFoundException
	var malformed *invalidKeyError
	if errors.As(err, &missing) || errors.As(err, &malformed) {
		return nil
	}
	return err
}

// version fetches one version and parses its key.
func (f *fetcher) version(ctx context.Context, stage string) ([]byte, error) {
	out, err := f.api.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &f.id, VersionStage: &stage})
	if err != nil {
		return nil, fmt.Errorf("secrets: fetch %s of %s: %w", stage, f.id, err)
	}
	text := string(out.SecretBinary)
	if out.SecretString != nil {
		text = *out.SecretString
	}
	key, err := f.parse(text)
	if err != nil {
		return nil, &invalidKeyError{id: f.id, stage: stage, err: err}
	}
	return key, nil
}

// invalidKeyError reports a version without a valid key.
type invalidKeyError struct {
	id, stage string
	err       error
}

// Error names the version and the rule for keys.
func (e *invalidKeyError) Error() string {
	return fmt.Sprintf("secrets: %s of %s: %v", e.stage, e.id, e.err)
}

// Unwrap returns the rule for keys.
func (e *invalidKeyError) Unwrap() error { return e.err }
