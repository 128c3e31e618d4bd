package scim

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// bulkRun is the state of a running bulk request.
type bulkRun struct {
	bulk    *Bulk
	refs    [][]string        // the bulkIds that each operation refers to
	ids     map[string]string // of created resources, by bulkId
	results []*BulkResult     // in the order of the operations; nil: not run yet
	errors  int
}

// Run executes each operation once with do and returns the response. An operation waits for the resources that it refers
// to. The run stops after as many errors as the request allows.
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

// refuse ends the operations that still wait, for an operation that cannot succeed or for each other. A cycle cannot be
// resolved, because only users can be members (RFC 7644 section 3.7.1).
func (r *bulkRun) refuse() {
	for r.refuseLost() {
	}
	for i := range r.results {
		if r.results[i] == nil && !r.over() {
			r.keep(i, refusal(&Error{Status: http.StatusConflict, Detail: "bulkIds refer to each other in a cycle"}))
		}
	}
}

// refuseLost rejects operations that wait for a resource that cannot be created any more. It reports whether it rejected
// any.
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
			r.keep(i, refused("bulkId refers to a missing or failed operation"))
			lost = true
		}
	}
	return lost
}

func known(refs []string, ids map[string]string) bool {
	return !slices.ContainsFunc(refs, func(ref string) bool {
		_, is := ids[ref]
		return !is
	})
}

// over reports whether the run reached the request's error limit.
func (r *bulkRun) over() bool { return r.bulk.FailOnErrors > 0 && r.errors >= r.bulk.FailOnErrors }

// pass runs the operations that are ready. It stops and reports true once a new resource may have unblocked an
// earlier operation. The execution order thus stays close to the request's order.
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
		result := validate(&o)
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

// resolve replaces the bulkIds of an operation by ids.
func (r *bulkRun) resolve(o BulkOperation) BulkOperation {
	name, id, _ := strings.Cut(strings.Trim(o.Path, "/"), "/")
	if ref, found := strings.CutPrefix(id, bulkRef); found {
		o.Path = "/" + name + "/" + url.PathEscape(r.ids[ref])
	}
	if o.Data != nil {
		o.Data, _ = resolveRefs(o.Data, r.ids).(map[string]any)
	}
	return o
}

// validate returns the error result of a malformed operation, nil for a valid one.
func validate(o *BulkOperation) *BulkResult {
	s, id := o.Target()
	switch {
	case o.Method != http.MethodPost && o.Method != http.MethodPut && o.Method != http.MethodPatch && o.Method != http.MethodDelete:
		return refused("Unknown method: " + shown(o.Method))
	case s == nil:
		return refused("Unknown path: " + shown(o.Path))
	case (o.Method == http.MethodPost) != (id == ""):
		return refused("The path is invalid for " + o.Method)
	case o.Method == http.MethodPost && o.BulkID == "":
		return refused("bulkId is missing")
	case o.Method != http.MethodDelete && o.Data == nil:
		return refused("data is missing")
	}
	return nil
}

func refused(detail string) *BulkResult { return refusal(Bad(InvalidSyntax, detail)) }

func refusal(err *Error) *BulkResult { return &BulkResult{Status: err.Status, Body: err.Body()} }

// response lists the results in the order of the request.
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
