package pushes

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"postern/shared/table"
)

// A lease notes that a push to a repository has begun and not ended. All leases of a repository are attributes of one item. Each
// has the time of its begin, so a lost lease counts for ten minutes only. The leases of one request id share their attributes and
// are counted, since an SSH connection sends one id for all its pushes.

const (
	// leaseTime is how long an unfinished push counts (internal API, pre_receive).
	leaseTime = 10 * time.Minute
	// leasesKept bounds the item: past it, expired leases are removed.
	leasesKept = 1000
	// leaseItemTime is the time to live of an unused item.
	leaseItemTime = 24 * time.Hour
	// leasesDropped bounds the expired leases that one push removes.
	leasesDropped = 16

	// The attributes of a lease: its latest begin as a time, the same as a number in the order of the item's events, and the count
	// of its unfinished pushes.
	leasePrefix = "lease_"
	orderPrefix = "nth_"
	openPrefix  = "open_"

	// unnamed begins the name of a lease without a request id.
	unnamed = "any_"
)

// leaseName returns the name of the lease of a request id. A request without an id gets a unique name.
func leaseName(requestID string) string {
	if requestID == "" {
		return unnamed + rand.Text()[:12]
	}
	sum := sha256.Sum256([]byte(requestID))
	return base64.RawURLEncoding.EncodeToString(sum[:8])
}

// BeginLease notes with one write that a push to a repository has begun. Every call counts as one push.
func (s *Pushes) BeginLease(ctx context.Context, repository, requestID string) error {
	name := leaseName(requestID)
	err := s.addLease(ctx, leaseKey(repository), name)
	if !errors.Is(err, table.ErrConflict) {
		return err
	}
	if err := s.trimLeases(ctx, leaseKey(repository)); err != nil {
		return err
	}
	// A thousand live pushes remain: one more or less changes nothing.
	if err := s.addLease(ctx, leaseKey(repository), name); !errors.Is(err, table.ErrConflict) {
		return err
	}
	return nil
}

// nextOrder is the expression of the number that the item's next event gets.
const nextOrder = "if_not_exists(seq, :zero) + :one"

// addLease adds one lease. It returns ErrConflict for an item that has to be trimmed first.
func (s *Pushes) addLease(ctx context.Context, k table.Key, name string) error {
	now := s.db.Now()
	return s.db.Write(ctx, table.Write{
		Verb: table.Update, Key: k,
		Update: "SET #lease = :begun, #order = " + nextOrder + ", seq = " + nextOrder + ", expires = :expires ADD begun :one, #open :one",
		If:     "(attribute_not_exists(begun) OR begun < :most) AND (attribute_not_exists(notes) OR notes < :notes)",
		Names:  leaseAttributes(name),
		Values: table.Item{
			":begun": table.Number(now.UnixMilli()), ":expires": table.Number(now.Add(leaseItemTime).Unix()),
			":zero": table.Number(0), ":one": table.Number(1), ":most": table.Number(leasesKept), ":notes": table.Number(notesTrimmed),
		},
	})
}

// leaseAttributes are the placeholders of a lease's attributes.
func leaseAttributes(name string) map[string]string {
	return map[string]string{"#lease": leasePrefix + name, "#order": orderPrefix + name, "#open": openPrefix + name}
}

// trimLeases removes expired leases and old notes of pushes, and counts the rest.
func (s *Pushes) trimLeases(ctx context.Context, k table.Key) error {
	found, err := s.db.Get(ctx, []table.Key{k})
	if err != nil {
		return err
	}
	item := maps.Clone(found[k])
	alive, old := s.leases(item)
	for _, name := range old {
		delete(item, leasePrefix+name)
		delete(item, orderPrefix+name)
		delete(item, openPrefix+name)
	}
	notes := notesOf(item)
	for _, n := range staleNotes(notes, s.db.Now()) {
		delete(item, n.name)
		delete(item, n.orderName())
		notes = slices.DeleteFunc(notes, func(other note) bool { return other.name == n.name })
	}
	begun := openLeases(item, alive)
	if begun == table.Integer(item, "begun") && int64(len(notes)) == table.Integer(item, "notes") {
		return nil
	}
	item["begun"], item["notes"] = table.Number(begun), table.Number(int64(len(notes)))
	item["expires"] = table.Number(s.db.Now().Add(leaseItemTime).Unix())
	_, err = s.db.WriteIf(ctx, table.Write{ // changed meanwhile, the next push trims it
		Verb: table.Put, Key: k, Item: item, If: "seq = :seq", Values: table.Item{":seq": table.Number(table.Integer(item, "seq"))},
	})
	return err
}

// leases returns the names of the live leases, the oldest first, and of the expired ones.
func (s *Pushes) leases(item table.Item) (alive, old []string) {
	since := s.db.Now().Add(-leaseTime).UnixMilli()
	begun := func(name string) int64 { return table.Integer(item, leasePrefix+name) }
	for attribute := range item {
		name, ok := strings.CutPrefix(attribute, leasePrefix)
		switch {
		case !ok:
		case begun(name) > since:
			alive = append(alive, name)
		default:
			old = append(old, name)
		}
	}
	slices.SortFunc(alive, func(a, b string) int { return cmp.Compare(begun(a), begun(b)) })
	return alive, old
}

// openLeases sums the unfinished pushes of leases.
func openLeases(item table.Item, names []string) int64 {
	var n int64
	for _, name := range names {
		n += table.Integer(item, openPrefix+name)
	}
	return n
}

// LiveLeases returns the number of pushes to a repository that began in the last ten minutes and have not ended.
func (s *Pushes) LiveLeases(ctx context.Context, repository string) (int, error) {
	found, err := s.db.Get(ctx, []table.Key{leaseKey(repository)})
	if err != nil {
		return 0, err
	}
	alive, _ := s.leases(found[leaseKey(repository)])
	return int(openLeases(found[leaseKey(repository)], alive)), nil
}

// leaseKey is the pushes to a repository that have begun and not ended. The hook may name any repository.
func leaseKey(repository string) table.Key {
	if !table.Nameable(repository) {
		sum := sha256.Sum256([]byte(repository))
		repository = hex.EncodeToString(sum[:16])
	}
	return table.Key{PK: "lease#" + repository, SK: "lease"}
}
