package secrets

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"golang.org/x/sync/errgroup"
)

// The staging labels that Secrets Manager gives to versions.
const (
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

// fetch returns the current key and, if there is another one, the previous.
func (f *fetcher) fetch(ctx context.Context) ([][]byte, error) {
	var now, before []byte
	both, ctx := errgroup.WithContext(ctx)
	both.Go(func() (err error) {
		now, err = f.version(ctx, current)
		return err
	})
	both.Go(func() (err error) {
		before, err = f.version(ctx, previous)
		return withoutPrevious(err)
	})
	if err := both.Wait(); err != nil {
		return nil, err
	}
	if before == nil || bytes.Equal(now, before) {
		return [][]byte{now}, nil
	}
	return [][]byte{now, before}, nil
}

// withoutPrevious drops the errors that mean that there is no usable previous version. One that is no key is usual
// after somebody put a wrong secret and then the right one.
func withoutPrevious(err error) error {
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
