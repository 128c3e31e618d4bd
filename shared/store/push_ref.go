package store

import (
	"strings"
	"time"

	"postern/shared/gitlab"
	"postern/shared/table"
)

// lostRefTime is how long a ref that is gone is remembered while something before its end has not been told: longer than
// the stream keeps a push.
const lostRefTime = 2 * 24 * time.Hour

// noObject is what a ref that is gone points to.
var noObject = strings.Repeat("0", 40)

// refWrite returns the write that adds a change to its ref, under the condition that the item is as it was read; nil when
// there is nothing to write.
func (s *Store) refWrite(k Key, item Item, project gitlab.ID, c *gitlab.Change) (*table.Write, error) {
	h, err := historyOf(item)
	if err != nil {
		return nil, err
	}
	h = fold(h, step(*c))
	// Gone, and everything about it has been told.
	if h.end() == "" && len(h.Pending) == 0 {
		if item == nil {
			return nil, nil //nolint:nilnil // nothing to write
		}
		return &table.Write{
			Verb: table.Delete, Key: k, If: "v = :version", Values: Item{":version": number(integer(item, "v"))},
		}, nil
	}
	put := s.refItem(k, item, h)
	if item == nil {
		put["project_id"], put["ref"], put["v"] = number(project), textValue(plainRef(c.Ref)), number(1)
		created := table.PutNew(k, put)
		return &created, nil
	}
	version := integer(item, "v")
	put["v"] = number(version + 1)
	return &table.Write{Verb: table.Put, Key: k, Item: put, If: "v = :version", Values: Item{":version": number(version)}}, nil
}

// refItem returns the ref's item with its new history. Where a gap is left before the end of a ref that is gone, the item
// stays for as long as the gap can still be filled.
func (s *Store) refItem(k Key, item Item, h history) Item {
	put := k.Item()
	// What documents have said of the ref stays beside its history.
	for name, value := range item {
		put[name] = value
	}
	delete(put, "expires")
	delete(put, "pending")
	put["target"], put["base"] = textValue(h.end()), textValue(h.Base)
	if h.end() == "" {
		put["target"], put["expires"] = textValue(noObject), number(s.now().Add(lostRefTime).Unix())
	}
	if len(h.Pending) > 0 {
		put["pending"] = table.Maps(h.Pending)
	}
	return put
}
