package requestlog

import "context"

type contextKey struct{}

// With returns a context that carries the record.
func With(ctx context.Context, r *Record) context.Context {
	return context.WithValue(ctx, contextKey{}, r)
}

// From returns the context's record. Without one it returns a new record that is never written.
func From(ctx context.Context) *Record {
	if r, ok := ctx.Value(contextKey{}).(*Record); ok && r != nil {
		return r
	}
	return &Record{}
}
