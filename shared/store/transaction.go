package store

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// removingAttribute marks a record whose removal has begun: nothing may be hung onto it any more.
const removingAttribute = "removing"

// merged returns the operations of a set of changes that are written together. An item that one change gives up and
// another one takes is handed over with one write; a check of a record that the set itself writes is left out.
func merged(changes []Change) ([]operation, error) {
	var ops []operation
	at := map[Key]int{}
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
	// What one change writes and another one drops stays, as the record that writes it is the one that is there afterwards.
	case a.mode == hint && b.verb == remove, a.verb == put && a.mode == owned && b.mode == owned && b.verb == remove:
		return a, nil
	case a.mode == hint, a.verb == remove && a.mode == owned && b.mode == owned:
		return b, nil
	}
	return operation{}, fmt.Errorf("%w: two changes of %s at once", ErrConflict, a.key)
}

// write puts an operation into DynamoDB's words.
func (s *Store) write(op operation) types.TransactWriteItem {
	cond, names, values := op.conditions()
	switch op.verb {
	case check:
		return types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{
			TableName: &s.table, Key: op.key.item(), ConditionExpression: cond,
			ExpressionAttributeNames: names, ExpressionAttributeValues: values,
		}}
	case put:
		return types.TransactWriteItem{Put: &types.Put{
			TableName: &s.table, Item: op.putItem(), ConditionExpression: cond,
			ExpressionAttributeNames: names, ExpressionAttributeValues: values,
		}}
	case remove:
		return types.TransactWriteItem{Delete: &types.Delete{
			TableName: &s.table, Key: op.key.item(), ConditionExpression: cond,
			ExpressionAttributeNames: names, ExpressionAttributeValues: values,
		}}
	// Below, since its expression needs names and values of its own.
	case update:
	}
	expression, names, values := op.updateExpression(names, values)
	return types.TransactWriteItem{Update: &types.Update{
		TableName: &s.table, Key: op.key.item(), ConditionExpression: cond, UpdateExpression: &expression,
		ExpressionAttributeNames: names, ExpressionAttributeValues: values,
	}}
}

// putItem returns the whole item to put; a record's own item starts with version 1.
func (op operation) putItem() Item {
	item := op.key.item()
	for name, v := range op.item {
		item[name] = v
	}
	if op.own {
		item["v"] = number(1)
	}
	return item
}

// conditions returns the condition expression and its placeholders.
func (op operation) conditions() (*string, map[string]string, Item) {
	var parts []string
	names, values := map[string]string{}, Item{}
	switch op.cond {
	case always: // updates add placeholders of their own
		return nil, nil, nil
	case absent:
		parts = append(parts, "attribute_not_exists(pk)")
	// Nothing is hung onto a record whose removal has begun.
	case present:
		parts = append(parts, "attribute_exists(pk) AND attribute_not_exists(#removing)")
		names["#removing"] = removingAttribute
	case versionIs:
		parts = append(parts, "v = :version")
		values[":version"] = number(op.old)
	case heldBy:
		for name, v := range op.holder {
			parts = append(parts, "#h"+name+" = :h"+name)
			names["#h"+name], values[":h"+name] = name, v
		}
	}
	text := strings.Join(parts, " AND ")
	if len(names) == 0 {
		names = nil
	}
	if len(values) == 0 {
		values = nil
	}
	return &text, names, values
}

// updateExpression returns the update of an own item, which moves its version, or of one entry of a map.
func (op operation) updateExpression(names map[string]string, values Item) (string, map[string]string, Item) {
	if names == nil {
		names = map[string]string{}
	}
	if values == nil {
		values = Item{}
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
			return "REMOVE " + path, names, orNone(values)
		}
		values[":entry"] = e.value
		return "SET " + path + " = :entry", names, values
	}
	names["#v"], values[":next"] = "v", number(op.old+1)
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

// orNone returns nil for no values: DynamoDB does not take an empty set of placeholders.
func orNone(values Item) Item {
	if len(values) == 0 {
		return nil
	}
	return values
}

// wholePartitions returns how many of the operations go into the next transaction: so many that no partition is cut in
// two, unless one alone is too large.
func wholePartitions(ops []operation) int {
	most := min(len(ops), transactionItems)
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
	if len(ops) <= transactionItems {
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
	return slices.AppendSeq(all, slices.Chunk(after, transactionItems))
}
