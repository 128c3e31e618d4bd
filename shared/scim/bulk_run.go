package scim

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// bulkRun is a bulk request under way.
type bulkRun struct {
	bulk    *Bulk
	refs    [][]string        // the bulkIds that each operation refers to
	ids     map[string]string // of what was made, by bulkId
	results []*BulkResult     // by the place of the operation; nil: none yet
	errors  int
}

// Run executes the operations with do, each once, and returns the response. What refers to a resource that a later operation
// makes waits for it; after as many errors as the request allows, nothing more is done.
func (b *Bulk) Run(do func(BulkOperation) BulkResult) map[string]any {
	r := &bulkRun{bulk: b, ids: map[string]string{}, results: make([]*BulkResult, len(b.Operations))}
	for i := range b.Operations {
		r.refs = append(r.refs, b.Operations[i].refs())
	}
	for r.pass(do) {
	}
	r.refuse()
	return map[string]any{"schemas": []string{bulkResponseMessage}, "Operations": r.response()}
}

// refuse ends what still waits: for what is not made, or for each other in a circle, which nothing here could break, because
// only users are members (RFC 7644 section 3.7.1).
func (r *bulkRun) refuse() {
	for r.refuseLost() {
	}
	for i := range r.results {
		if r.results[i] == nil && !r.over() {
			r.keep(i, refusal(&Error{Status: http.StatusConflict, Detail: "bulkIds refer to each other in a circle"}))
		}
	}
}

// refuseLost refuses what refers to nothing that could still be made, and reports whether there was any.
func (r *bulkRun) refuseLost() bool {
	coming := maps.Clone(r.ids)
	for i, result := range r.results {
		if id := r.bulk.Operations[i].BulkID; result == nil && id != "" {
			coming[id] = ""
		}
	}
	lost := false
	for i, result := range r.results {
		if result == nil && !r.over() && !known(r.refs[i], coming) {
			r.keep(i, refused("bulkId leads nowhere"))
			lost = true
		}
	}
	return lost
}

// known reports whether all of some bulkIds are among others.
func known(refs []string, ids map[string]string) bool {
	return !slices.ContainsFunc(refs, func(ref string) bool {
		_, is := ids[ref]
		return !is
	})
}

// over reports whether there were as many errors as the request allows.
func (r *bulkRun) over() bool { return r.bulk.FailOnErrors > 0 && r.errors >= r.bulk.FailOnErrors }

// pass goes through the operations that are left. It ends and reports true as soon as something was made that an earlier one may
// have waited for, so that the order stays as near to the request's as it can.
func (r *bulkRun) pass(do func(BulkOperation) BulkResult) bool {
	waiting := false
	for i := range r.bulk.Operations {
		switch {
		case r.over():
			return false
		case r.results[i] != nil:
			continue
		}
		if !known(r.refs[i], r.ids) {
			waiting = true
			continue
		}
		o := r.resolve(r.bulk.Operations[i])
		result := wellFormed(&o)
		if result == nil {
			done := do(o)
			result = &done
		}
		r.keep(i, result)
		if o.BulkID == "" || result.failed() || result.ID == "" {
			continue
		}
		if r.ids[o.BulkID] = result.ID; waiting {
			return true
		}
	}
	return false
}

func (r *bulkRun) keep(i int, result *BulkResult) {
	if r.results[i] = result; result.failed() {
		r.errors++
	}
}

// resolve puts ids into an operation in the place of bulkIds.
func (r *bulkRun) resolve(o BulkOperation) BulkOperation {
	name, id, _ := strings.Cut(strings.Trim(o.Path, "/"), "/")
	if ref, found := strings.CutPrefix(id, bulkRef); found {
		o.Path = "/" + name + "/" + url.PathEscape(r.ids[ref])
	}
	if o.Data != nil {
		o.Data, _ = replaced(o.Data, r.ids).(map[string]any)
	}
	return o
}

// wellFormed returns the result of an operation that is none, nil for the others.
func wellFormed(o *BulkOperation) *BulkResult {
	s, id := o.Target()
	switch {
	case o.Method != http.MethodPost && o.Method != http.MethodPut && o.Method != http.MethodPatch && o.Method != http.MethodDelete:
		return refused("Unknown method: " + shown(o.Method))
	case s == nil:
		return refused("Unknown path: " + shown(o.Path))
	case (o.Method == http.MethodPost) != (id == ""):
		return refused("The path does not go with " + o.Method)
	case o.Method == http.MethodPost && o.BulkID == "":
		return refused("bulkId is missing")
	case o.Method != http.MethodDelete && o.Data == nil:
		return refused("data is missing")
	}
	return nil
}

func refused(detail string) *BulkResult { return refusal(Bad(InvalidSyntax, detail)) }

func refusal(err *Error) *BulkResult { return &BulkResult{Status: err.Status, Body: err.Body()} }

// response lists what was done, in the order of the request.
func (r *bulkRun) response() []map[string]any {
	operations := make([]map[string]any, 0, len(r.results))
	for i, result := range r.results {
		if result == nil {
			continue
		}
		o := &r.bulk.Operations[i]
		entry := map[string]any{"method": o.Method, "status": strconv.Itoa(result.Status)}
		for name, value := range map[string]string{"bulkId": o.BulkID, "location": result.Location, "version": result.Version} {
			if value != "" {
				entry[name] = value
			}
		}
		if result.failed() {
			entry["response"] = result.Body
		}
		operations = append(operations, entry)
	}
	return operations
}
