package store

import (
	"context"

	"postern/shared/table"
)

type (
	Key              = table.Key
	Item             = table.Item
	API              = table.API
	UnavailableError = table.UnavailableError
)

var (
	ErrNotFound = table.ErrNotFound
	ErrConflict = table.ErrConflict
)

const (
	batchLimit = table.BatchLimit
	maxSK      = table.MaxSK
	attempts   = table.Attempts
)

func text(item Item, name string) string             { return table.Text(item, name) }
func integer(item Item, name string) int64           { return table.Integer(item, name) }
func number(n int64) table.Value                     { return table.Number(n) }
func textValue(s string) table.Value                 { return table.String(s) }
func texts(list []string) table.Value                { return table.Strings(list) }
func numbers(list []int64) table.Value               { return table.Numbers(list) }
func encode(value any) Item                          { return table.Encode(value) }
func decode(item Item, out any) error                { return table.Decode(item, out) }
func itemSize(item Item) int                         { return table.Size(item) }
func valueSize(v table.Value) int                    { return table.ValueSize(v) }
func keyOf(item Item) Key                            { return table.KeyOf(item) }
func distinct(keys []Key) []Key                      { return table.Distinct(keys) }
func num(id int64) string                            { return table.ID(id) }
func nameable(name string) bool                      { return table.Nameable(name) }
func beforeHash(s string) string                     { return table.Kind(s) }
func afterHash(s string) string                      { return table.Rest(s) }
func ignoreConflict(err error) error                 { return table.IgnoreConflict(err) }
func backoff(ctx context.Context, attempt int) error { return table.Backoff(ctx, attempt) }
func compareKeys(a, b Key) int                       { return a.Compare(b) }
func waitForOthers(ctx context.Context, attempt *int, busy error) error {
	return table.WaitForOthers(ctx, attempt, busy)
}

func (s *Store) batchGet(ctx context.Context, keys []Key) (map[Key]Item, error) {
	return s.db.Get(ctx, keys)
}

func (s *Store) batchInto(ctx context.Context, found map[Key]Item, keys []Key) error {
	return s.db.GetInto(ctx, found, keys)
}

func (s *Store) query(ctx context.Context, partition, prefix string, each func(Item) error) error {
	return s.db.Query(ctx, partition, prefix, each)
}

func (s *Store) page(ctx context.Context, begin Key, after string, limit int) ([]Item, string, error) {
	return s.db.Page(ctx, begin, after, limit)
}

func (s *Store) between(ctx context.Context, first, last Key, limit int, each func(Item) error) error {
	return s.db.Between(ctx, first, last, limit, each)
}
