package pushes

import (
	"strings"
	"time"

	"postern/shared/gitlab"
	"postern/shared/store/layout"
	"postern/shared/table"
)

// lostRefTime is how long a ref that is gone is remembered while something before its end has not been told: longer than
// the stream keeps a push.
const lostRefTime = 2 * 24 * time.Hour

// noObject is what a ref that is gone points to.
var noObject = strings.Repeat("0", 40)

// refWrite returns the write that adds a change to its ref, under the condition that the item is as it was read; nil when
// there is nothing to write.
func (s *Pushes) refWrite(k table.Key, item table.Item, project gitlab.ID, c *gitlab.Change) (*table.Write, error) {
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
			Verb: table.Delete, Key: k, If: "v = :version", Values: table.Item{":version": table.Number(table.Integer(item, "v"))},
		}, nil
	}
	put := s.refItem(k, item, h)
	if item == nil {
		put["project_id"], put["ref"], put["v"] = table.Number(project), table.String(layout.PlainRef(c.Ref)), table.Number(1)
		created := table.PutNew(k, put)
		return &created, nil
	}
	version := table.Integer(item, "v")
	put["v"] = table.Number(version + 1)
	return &table.Write{Verb: table.Put, Key: k, Item: put, If: "v = :version", Values: table.Item{":version": table.Number(version)}}, nil
}

// refItem returns the ref's item with its new history. Where a gap is left before the end of a ref that is gone, the item
// stays for as long as the gap can still be filled.
func (s *Pushes) refItem(k table.Key, item table.Item, h history) table.Item {
	put := k.Item()
	// What documents have said of the ref stays beside its history.
	for name, value := range item {
		put[name] = value
	}
	delete(put, "expires")
	delete(put, "pending")
	put["target"], put["base"] = table.String(h.end()), table.String(h.Base)
	if h.end() == "" {
		put["target"], put["expires"] = table.String(noObject), table.Number(s.db.Now().Add(lostRefTime).Unix())
	}
	if len(h.Pending) > 0 {
		put["pending"] = table.Maps(h.Pending)
	}
	return put
}
