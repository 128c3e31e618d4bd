package credential

import (
	"context"
	"errors"
	"strings"
)

// shortestKey is the least length of the secret that credentials are made with; the deployment generates 64 letters.
const shortestKey = 32

// errShortKey says that a secret cannot be used. It does not say what is in it.
var errShortKey = errors.New("credential: secret must have at least 32 characters")

// Key returns the key that a secret's text stands for: the text itself without white space around it.
func Key(text string) ([]byte, error) {
	text = strings.TrimSpace(text)
	if len(text) < shortestKey {
		return nil, errShortKey
	}
	return []byte(text), nil
}

// KeySource has the keys that credentials are made with, the current one first, and those that are on their way out.
type KeySource interface {
	Keys(ctx context.Context) ([][]byte, error)
	// Refetch asks for newer keys, unless it did a moment ago. It returns the keys and whether they are others than
	// before.
	Refetch(ctx context.Context) (keys [][]byte, changed bool, err error)
}

// current returns the key that new credentials are made with.
func current(ctx context.Context, source KeySource) ([]byte, error) {
	keys, err := source.Keys(ctx)
	if err != nil {
		return nil, err
	}
	return keys[0], nil
}

// search tries the keys until one fits; those that are known first, then newer ones, so that what another process has
// made since a rotation is understood.
func search(ctx context.Context, source KeySource, fits func(key []byte) bool) (found bool, err error) {
	keys, err := source.Keys(ctx)
	if err != nil {
		return false, err
	}
	if anyFits(keys, fits) {
		return true, nil
	}
	if keys, _, err = source.Refetch(ctx); err != nil {
		return false, err
	}
	return anyFits(keys, fits), nil
}

func anyFits(keys [][]byte, fits func([]byte) bool) bool {
	for _, key := range keys {
		if fits(key) {
			return true
		}
	}
	return false
}
