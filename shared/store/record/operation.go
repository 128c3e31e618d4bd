package record

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"postern/shared/store/layout"
	"postern/shared/table"
)

// merged returns the operations of a set of changes that are written together. An item that one change gives up and
// another one takes is handed over with one write; a check of a record that the set itself writes is left out.
func merged(changes []Change) ([]operation, error) {
	var ops []operation
	at := map[table.Key]int{}
	for i, c := range changes {
		for _, op := range c.operations() {
			op.change = i
			j, again := at[op.key]
			if !again {
				at[op.key] = len(ops)
				ops = append(ops, op)
				continue
			}
			one, err := joined(ops[j], op)
			if err != nil {
				return nil, err
			}
			ops[j] = one
		}
	}
	return ops, nil
}

// Writes returns the writes of a transaction of changes.
func Writes(changes ...Change) ([]table.Write, error) {
	ops, err := merged(changes)
	if err != nil {
		return nil, err
	}
	writes := make([]table.Write, len(ops))
	for i, op := range ops {
		writes[i] = op.write()
	}
	return writes, nil
}

// joined returns the one operation that two on the same key amount to.
func joined(a, b operation) (operation, error) {
	switch {
	// Counters that two changes move are moved once, by the sum.
	case a.add != nil && b.add != nil:
		a.add = sums(a.add, b.add)
		return a, nil
	// Of two checks the sharper one is enough.
	case a.verb == check && b.verb == check && a.cond == versionIs:
		return a, nil
	case a.verb == check:
		return b, nil
	case b.verb == check:
		return a, nil
	// Handed over: put in the place of what the other one holds, under the condition that it still does.
	case a.mode == unique && a.verb == remove && b.verb == put:
		b.cond, b.holder = heldBy, a.holder
		return b, nil
	case b.mode == unique && b.verb == remove && a.verb == put:
		a.cond, a.holder = heldBy, b.holder
		return a, nil
	case a.mode == late && a.verb == remove && b.verb == put:
		b.cond, b.holder = free, a.holder
		return b, nil
	case b.mode == late && b.verb == remove && a.verb == put:
		a.cond, a.holder = free, b.holder
		return a, nil
	// What one change writes and another one drops stays, as the record that writes it is the one that is there afterwards.
	case a.mode == hint && b.verb == remove, a.verb == put && a.mode == owned && b.mode == owned && b.verb == remove:
		return a, nil
	case a.mode == hint, a.verb == remove && a.mode == owned && b.mode == owned:
		return b, nil
	}
	return operation{}, fmt.Errorf("%w: two changes of %s at once", table.ErrConflict, a.key)
}

// CheckPresent is the write that checks that a record is there and is not being removed.
func CheckPresent(k table.Key) table.Write {
	return operation{verb: check, key: k, cond: present}.write()
}

// write turns an operation into a write of the table.
func (op operation) write() table.Write {
	w := table.Write{Key: op.key}
	w.If, w.Names, w.Values = op.conditions()
	switch op.verb {
	case check:
	case put:
		w.Verb, w.Item = table.Put, op.item
		if op.own { // a record's own item starts with version 1
			w.Item = maps.Clone(op.item)
			w.Item["v"] = table.Number(1)
		}
	case remove:
		w.Verb = table.Delete
	case update:
		w.Verb = table.Update
		w.Update, w.Names, w.Values = op.updateExpression(w.Names, w.Values)
	}
	return w
}

// conditions returns the condition expression and its placeholders.
func (op operation) conditions() (string, map[string]string, table.Item) {
	var parts []string
	names, values := map[string]string{}, table.Item{}
	switch op.cond {
	case always: // updates add placeholders of their own
		return "", nil, nil
	case absent:
		parts = append(parts, table.Absent)
	// Nothing is hung onto a record whose removal has begun.
	case present:
		parts = append(parts, "attribute_exists(pk) AND attribute_not_exists(#removing)")
		names["#removing"] = layout.Removing
	case versionIs:
		parts = append(parts, "v = :version")
		values[":version"] = table.Number(op.old)
	case heldBy, free:
		for name, v := range op.holder {
			parts = append(parts, "#h"+name+" = :h"+name)
			names["#h"+name], values[":h"+name] = name, v
		}
	}
	text := strings.Join(parts, " AND ")
	if op.cond == free {
		text = table.Absent + " OR " + text
	}
	return text, names, values
}

// updateExpression returns the update of an own item, which moves its version, or of one entry of a map.
func (op operation) updateExpression(names map[string]string, values table.Item) (string, map[string]string, table.Item) {
	if names == nil {
		names = map[string]string{}
	}
	if values == nil {
		values = table.Item{}
	}
	if op.add != nil {
		text := addExpression(op.add, names, values)
		return text, names, values
	}
	if e := op.entry; e != nil {
		path := "#entry"
		if names["#entry"] = e.name; e.attribute != "" {
			names["#map"], path = e.attribute, "#map.#entry"
		}
		if e.value == nil {
			return "REMOVE " + path, names, values
		}
		values[":entry"] = e.value
		return "SET " + path + " = :entry", names, values
	}
	names["#v"], values[":next"] = "v", table.Number(op.old+1)
	sets := []string{"#v = :next"}
	fields := make([]string, 0, len(op.item))
	for name := range op.item {
		fields = append(fields, name)
	}
	// One expression for one set of fields, in whatever order the map has them today.
	slices.Sort(fields)
	for i, name := range fields {
		n := fmt.Sprintf("s%d", i)
		names["#"+n], values[":"+n] = name, op.item[name]
		sets = append(sets, "#"+n+" = :"+n)
	}
	text := "SET " + strings.Join(sets, ", ")
	if len(op.drop) > 0 {
		drops := make([]string, len(op.drop))
		for i, name := range op.drop {
			drops[i] = fmt.Sprintf("#d%d", i)
			names[drops[i]] = name
		}
		text += " REMOVE " + strings.Join(drops, ", ")
	}
	return text, names, values
}

// wholePartitions returns how many of the operations go into the next transaction: so many that no partition is cut in
// two, unless one alone is too large.
func wholePartitions(ops []operation) int {
	most := min(len(ops), table.TransactionItems)
	for end := most; end > 0; end-- {
		if end == len(ops) || ops[end].key.PK != ops[end-1].key.PK {
			return end
		}
	}
	return most
}

// divided returns the transactions that operations are written in, usually one. When they are too many for one, back
// references that are added go before it, each with the check of the record that it lies with; those that are dropped
// go after it.
func divided(ops []operation) [][]operation {
	if len(ops) <= table.TransactionItems {
		return [][]operation{ops}
	}
	var before, within, after []operation
	for _, op := range ops {
		switch loose := op.mode == owned && !op.own && op.entry == nil && op.add == nil && len(op.item) == 0; {
		// Last: until then, who removes what they list still finds it.
		case loose && op.verb == remove:
			after = append(after, op)
		case loose:
			before = append(before, op)
		default:
			within = append(within, op)
		}
	}
	// By partition, so that a check and what it stands for go into one transaction.
	slices.SortStableFunc(before, func(a, b operation) int { return cmp.Compare(a.key.PK, b.key.PK) })
	var all [][]operation
	for len(before) > 0 {
		end := wholePartitions(before)
		all = append(all, before[:end])
		before = before[end:]
	}
	all = append(all, within)
	return slices.AppendSeq(all, slices.Chunk(after, table.TransactionItems))
}
