package table

import (
	"cmp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The limits of DynamoDB on the two parts of a key, in bytes.
const (
	MaxPK = 2048
	MaxSK = 1024
)

// maxName bounds the names in requests that are looked up. No record has a longer name.
const maxName = 1000

// Key is the primary key of an item: its partition and its place there.
type Key struct {
	PK string
	SK string
}

// String names the item by its partition and place, for errors and logs.
func (k Key) String() string { return k.PK + "/" + k.SK }

// Compare orders keys by partition, then by the place in it.
func (k Key) Compare(other Key) int {
	return cmp.Or(cmp.Compare(k.PK, other.PK), cmp.Compare(k.SK, other.SK))
}

// Impossible reports whether a key is longer than DynamoDB allows, so no item has it. A request may name anything.
func (k Key) Impossible() bool { return len(k.PK) > MaxPK || len(k.SK) > MaxSK }

// Item returns the key's attributes.
func (k Key) Item() Item { return Item{"pk": String(k.PK), "sk": String(k.SK)} }

// With returns the key's attributes together with others.
func (k Key) With(attributes Item) Item {
	item := k.Item()
	for name, v := range attributes {
		item[name] = v
	}
	return item
}

// KeyOf returns the key of an item.
func KeyOf(item Item) Key { return Key{PK: Text(item, "pk"), SK: Text(item, "sk")} }

// Distinct drops repeated keys, which BatchGetItem rejects.
func Distinct(keys []Key) []Key {
	seen := make(map[Key]bool, len(keys))
	kept := make([]Key, 0, len(keys))
	for _, k := range keys {
		if !seen[k] {
			seen[k] = true
			kept = append(kept, k)
		}
	}
	return kept
}

// Nameable reports whether a name that a client sent can be the key of an item.
func Nameable(name string) bool {
	return name != "" && len(name) <= maxName && utf8.ValidString(name)
}

// ID is an id in a key: decimal, without padding.
func ID(id int64) string { return strconv.FormatInt(id, 10) }

// Kind returns the part of a key before its first "#": the kind of the item.
func Kind(s string) string {
	kind, _, _ := strings.Cut(s, "#")
	return kind
}

// Rest returns the part of a key behind its first "#".
func Rest(s string) string {
	_, rest, _ := strings.Cut(s, "#")
	return rest
}
