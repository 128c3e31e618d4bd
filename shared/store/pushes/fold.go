package pushes

import (
	"slices"

	"postern/shared/gitlab"
	"postern/shared/table"
)

// mostPending bounds how many transitions of a ref wait for the ones before them.
const mostPending = 32

// transition is one step of a ref from an object to another; all zeros stand for "not there".
type transition struct {
	Old string `json:"old"`
	New string `json:"new"`
}

// history is what is known of the way of a ref. Pushes are told in any order: base is where the ref was when everything up
// to there had been told, and pending are stretches of its way that do not connect yet, the one that grew last at the end.
type history struct {
	Base    string       `json:"base"`
	Pending []transition `json:"pending,omitempty"`
}

// fold adds a transition. Every transition must be added once; then, after the last one of a way has been told, the history
// ends where the way does, whatever the order was. Connecting stretches keeps the sum of what is entered minus what is left
// at every object, and at the end of the way this sum is 1 at its last object and 0 elsewhere: no stretch is left, because
// one would leave its first object more often than it is entered.
func fold(h history, t transition) history {
	if t.Old == t.New {
		return h
	}
	pending := slices.Clone(h.Pending)
	before := func(p transition) bool { return p.New == t.Old }
	if i := slices.IndexFunc(pending, before); i >= 0 {
		t.Old = pending[i].Old
		pending = slices.Delete(pending, i, i+1)
	}
	after := func(p transition) bool { return p.Old == t.New }
	if i := slices.IndexFunc(pending, after); i >= 0 {
		t.New = pending[i].New
		pending = slices.Delete(pending, i, i+1)
	}
	switch {
	case t.Old == h.Base:
		h.Base = t.New
	case t.Old != t.New: // otherwise a way in a circle, which leads nowhere
		pending = append(pending, t)
	}
	return advance(history{Base: h.Base, Pending: pending})
}

// advance lets the base go the stretches that begin where it is.
func advance(h history) history {
	for {
		i := slices.IndexFunc(h.Pending, func(p transition) bool { return p.Old == h.Base })
		if i < 0 {
			break
		}
		h.Base = h.Pending[i].New
		h.Pending = slices.Delete(h.Pending, i, i+1)
	}
	if len(h.Pending) > mostPending {
		return history{Base: h.end()}
	}
	if len(h.Pending) == 0 {
		h.Pending = nil
	}
	return h
}

// end is where the ref is as far as is known: what was told last, where something is missing before it.
func (h history) end() string {
	if n := len(h.Pending); n > 0 {
		return h.Pending[n-1].New
	}
	return h.Base
}

// historyOf returns the history of a ref's item, nil for none. Where the item points elsewhere than its history ends, or has
// none, somebody has said where the ref is (a directory document), and its history begins there.
func historyOf(item table.Item) (history, error) {
	target := table.Text(item, "target")
	if gitlab.Blank(target) {
		target = ""
	}
	var h history
	if err := table.Decode(item, &h); err != nil {
		return history{}, err
	}
	if gitlab.Blank(h.Base) {
		h.Base = ""
	}
	if h.end() != target {
		return history{Base: target}, nil
	}
	return h, nil
}

// step is what a change does to its ref, with "" for "not there" whatever the length of the zeros.
func step(c gitlab.Change) transition {
	t := transition{Old: c.Old, New: c.New}
	if gitlab.Blank(t.Old) {
		t.Old = ""
	}
	if gitlab.Blank(t.New) {
		t.New = ""
	}
	return t
}
