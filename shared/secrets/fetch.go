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

// The staging labels that Secrets Manager gives to versions. A rotation moves each version along them, in this order.
const (
	pending  = "AWSPENDING"
	current  = "AWSCURRENT"
	previous = "AWSPREVIOUS"
)

// API is what is asked of Secrets Manager; *secretsmanager.Client has it.
type API interface {
	GetSecretValue(
		context.Context, *secretsmanager.GetSecretValueInput, ...func(*secretsmanager.Options),
	) (*secretsmanager.GetSecretValueOutput, error)
}

// fetcher asks for the versions of one secret.
type fetcher struct {
	api   API
	id    string
	parse func(text string) ([]byte, error)
}

// fetch returns the current key and, where there are others, the previous and the pending one. The labels are read one after
// the other in the order in which versions pass them, so a version that is moved on meanwhile is met again and never missed.
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

// unlessMissing drops the errors that mean that there is no usable version. One that is no key is usual after somebody put
// a wrong secret and then the right one.
func unlessMissing(err error) error {
	var missing *types.ResourceNotFoundException
	var noKey *notKeyError
	if errors.As(err, &missing) || errors.As(err, &noKey) {
		return nil
	}
	return err
}

// version fetches one version and makes it a key.
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
		return nil, &notKeyError{id: f.id, stage: stage, err: err}
	}
	return key, nil
}

// notKeyError says that a version's text is no key.
type notKeyError struct {
	id, stage string
	err       error
}

// Error says which version it is and what a key must be.
func (e *notKeyError) Error() string {
	return fmt.Sprintf("secrets: %s of %s: %v", e.stage, e.id, e.err)
}

// Unwrap returns what a key must be.
func (e *notKeyError) Unwrap() error { return e.err }
