package credential_test

import (
	"context"
	"time"
)

// keys is a fake KeySource.
type keys struct {
	known [][]byte
	newer [][]byte // result of a refetch, nil for no change
	err   error
}

func (k *keys) Keys(context.Context) ([][]byte, error) { return k.known, nil }

func (k *keys) Refetch(context.Context) ([][]byte, bool, error) {
	if k.newer != nil {
		k.known = k.newer
	}
	return k.known, k.newer != nil, k.err
}

func of(secrets ...string) *keys {
	k := &keys{}
	for _, s := range secrets {
		k.known = append(k.known, []byte(s))
	}
	return k
}

var now = time.Unix(1_700_000_000, 0)

func clock() time.Time { return now }
