package pushes

import (
	"strconv"
	"strings"

	"postern/shared/table"
)

// leaseUpdate is the update of a lease item under construction.
type leaseUpdate struct {
	key                       table.Key
	lease                     string // the lease that ends, "" for none
	sets, removes, conditions []string
	begun                     int64
	names                     map[string]string
	values                    table.Item
}

// leaseUpdate ends a lease and removes expired ones.
func (s *Pushes) leaseUpdate(e *EndedLease, requestID string, attempt int) *leaseUpdate {
	u := &leaseUpdate{
		key: leaseKey(e.repository), names: map[string]string{}, sets: []string{"expires = :expires"},
		values: table.Item{":expires": table.Number(s.db.Now().Add(leaseItemTime).Unix())},
	}
	name, open := s.chooseLease(e, requestID, attempt)
	if open > 0 {
		u.end(name, open)
	} else if name != "" {
		u.names["#open"] = openPrefix + name
		u.conditions = append(u.conditions, "attribute_not_exists(#open)")
	}
	_, old := s.leases(e.item)
	for i, expired := range old[:min(len(old), leasesDropped)] {
		if expired != name {
			u.drop("o"+strconv.Itoa(i), leasePrefix+expired, orderPrefix+expired, openPrefix+expired)
			u.begun -= table.Integer(e.item, openPrefix+expired)
		}
	}
	return u
}

// end takes one push off a lease. Of two requests that chose the last push of a lease, one has to choose again.
func (u *leaseUpdate) end(name string, open int64) {
	u.lease, u.begun = name, u.begun-1
	u.names["#open"], u.values[":open"] = openPrefix+name, table.Number(open)
	u.conditions = append(u.conditions, "#open = :open")
	if open > 1 {
		u.values[":left"] = table.Number(open - 1)
		u.sets = append(u.sets, "#open = :left")
		return
	}
	u.drop("l", leasePrefix+name, orderPrefix+name)
	u.removes = append(u.removes, "#open")
}

// drop removes attributes.
func (u *leaseUpdate) drop(placeholder string, attributes ...string) {
	for i, attribute := range attributes {
		p := "#" + placeholder + "x" + strconv.Itoa(i)
		u.names[p] = attribute
		u.removes = append(u.removes, p)
	}
}

// note adds the note of a push, in place of an older one of the same content, and removes stale notes.
func (s *Pushes) note(u *leaseUpdate, p *AcceptedPush, attempt int) {
	e, name := &p.Ended, noteName(p.content())
	own := note{name: name}
	u.names["#note"], u.names["#noted"] = name, own.orderName()
	u.values[":note"], u.values[":zero"], u.values[":one"] = table.String(noteText(p)), table.Number(0), table.Number(1)
	u.sets = append(u.sets, "#note = :note", "#noted = "+nextOrder, "seq = "+nextOrder)
	more := int64(1)
	if known := e.noteOf(p); known != nil {
		u.values[":known"] = table.String(known.text)
		u.conditions = append(u.conditions, "#note = :known")
		more = 0
	} else {
		u.conditions = append(u.conditions, "attribute_not_exists(#note)")
	}
	// Later attempts leave the rest to the next push: the number of notes changes with every push.
	if notes := notesOf(e.item); attempt == 0 && len(notes) >= notesTrimmed {
		u.values[":notes"] = table.Number(table.Integer(e.item, "notes"))
		u.conditions = append(u.conditions, "notes = :notes")
		for i, n := range staleNotes(notes, s.db.Now()) {
			if n.name != name {
				u.drop("n"+strconv.Itoa(i), n.name, n.orderName())
				more--
			}
		}
	}
	u.values[":more"] = table.Number(more)
	u.sets = append(u.sets, "notes = if_not_exists(notes, :zero) + :more")
}

// write returns the update.
func (u *leaseUpdate) write() table.Write {
	expression := "SET " + strings.Join(u.sets, ", ")
	if u.begun != 0 {
		expression += " ADD begun :begun"
		u.values[":begun"] = table.Number(u.begun)
	}
	if len(u.removes) > 0 {
		expression += " REMOVE " + strings.Join(u.removes, ", ")
	}
	return table.Write{
		Verb: table.Update, Key: u.key, Update: expression, If: strings.Join(u.conditions, " AND "), Names: u.names, Values: u.values,
	}
}
