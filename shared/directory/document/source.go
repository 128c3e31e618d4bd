package document

import (
	"bytes"
	"context"
	"io"
)

// Source is where a document is read from, several times and in parts.
type Source interface {
	// Open returns the document's bytes from one offset up to, but without, another; to < 0 means its end. Every call
	// reads the same document, even if it has been replaced meanwhile.
	Open(ctx context.Context, from, to int64) (io.ReadCloser, error)
}

// Bytes is a document in memory.
type Bytes []byte

// Open returns a part of the document, by offsets in bytes as of any Source. It never fails.
func (b Bytes) Open(_ context.Context, from, to int64) (io.ReadCloser, error) {
	size := int64(len(b))
	if to < 0 || to > size {
		to = size
	}
	return io.NopCloser(bytes.NewReader(b[min(from, to):to])), nil
}
