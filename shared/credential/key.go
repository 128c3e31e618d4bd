package credential

import (
	"context"
	"errors"
	"strings"
)

// shortestKey is the minimum length of the signing secret. The deployment generates 64 characters.
const shortestKey = 32

// errShortKey rejects a secret without quoting it.
var errShortKey = errors.New("credential: secret must have at least 32 characters")

// Key parses the key from a secret's text. It trims white space.
func Key(text string) ([]byte, error) {
	text = strings.TrimSpace(text)
	if len(text) < shortestKey {
		return nil, errShortKey
	}
	return []byte(text), nil
}

// KeySource provides the signing keys: the current one first, then older or newer ones.
type KeySource interface {
	Keys(ctx context.Context) ([][]byte, error)
	// Refetch fetches newer keys, at most once in a short time. It returns the keys and whether they changed.
	Refetch(ctx context.Context) (keys [][]byte, changed bool, err error)
}

// current returns the key for new credentials.
func current(ctx context.Context, source KeySource) ([]byte, error) {
	keys, err := source.Keys(ctx)
	if err != nil {
		return nil, err
	}
	return keys[0], nil
}

// search tries the known keys, then newer ones. So a process also accepts credentials that another one created after a
// rotation.
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
