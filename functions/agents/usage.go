package agents

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"postern/shared/httpapi"
	"postern/shared/requestlog"
	"postern/shared/store/limits"
)

// counters are the names of plain counters (internal API, usage_metrics), including those of older servers.
var counters = []string{
	"k8s_api_proxy_request", "flux_git_push_notifications_total", "k8s_api_proxy_requests_via_ci_access",
	"k8s_api_proxy_requests_via_user_access", "k8s_api_proxy_requests_via_pat_access", "gitops_sync",
}

// uniqueCounters are the names of unique sets, including those of older servers.
var uniqueCounters = []string{
	"k8s_api_proxy_requests_unique_users_via_ci_access", "k8s_api_proxy_requests_unique_agents_via_ci_access",
	"k8s_api_proxy_requests_unique_users_via_user_access", "k8s_api_proxy_requests_unique_agents_via_user_access",
	"k8s_api_proxy_requests_unique_users_via_pat_access", "k8s_api_proxy_requests_unique_agents_via_pat_access",
	"flux_git_push_notified_unique_projects", "agent_users_using_ci_tunnel",
}

const (
	// mostCounted limits the increment of one counter in a request, and so the error of a repeated request.
	mostCounted = 1_000_000_000
	mostMembers = 10_000 // in all sets of a request, so that it ends in time
)

// usage is a decoded request.
type usage struct {
	counters map[string]int64
	members  []limits.Member
	unknown  []string
	invalid  []string // mistakes of type
	refused  []string // values out of range
}

// usageMetrics counts the usage of agents (internal API, usage_metrics). It counts all of a request or nothing. Sets are
// written first, because repeating them is harmless. Counters are written last and once.
func (h *handler) usageMetrics(ctx context.Context, p *httpapi.Params) (httpapi.Response, error) {
	u := decodeUsage(p)
	if err := u.err(); err != nil {
		return httpapi.Response{}, err
	}
	// Newer agents send unknown names. The request succeeds, and the log lists the names.
	if len(u.unknown) > 0 {
		requestlog.From(ctx).SetDecision("allowed", "unknown: "+strings.Join(u.unknown, ","))
	}
	if err := h.store.AddMembers(ctx, u.members); err != nil {
		return httpapi.Response{}, err
	}
	if err := h.store.Count(ctx, u.counters); err != nil {
		return httpapi.Response{}, err
	}
	return noContent(), nil
}

// decodeUsage collects all mistakes of a request.
func decodeUsage(p *httpapi.Params) *usage {
	u := &usage{counters: map[string]int64{}}
	u.each(p, "counters", counters, func(name, place string, value any) {
		n, ok := integer(value)
		switch {
		case !ok:
			u.invalid = append(u.invalid, place+" is invalid")
		case n < 0 || n > mostCounted:
			u.refused = append(u.refused, fmt.Sprintf("%s must be from 0 to %d", place, mostCounted))
		default:
			u.counters[name] = n
		}
	})
	u.each(p, "unique_counters", uniqueCounters, u.set)
	if len(u.members) > mostMembers {
		u.refused = append(u.refused, fmt.Sprintf("unique_counters must have at most %d members", mostMembers))
	}
	return u
}

// each calls do for the known names of an object in sorted order and collects the unknown ones.
func (u *usage) each(p *httpapi.Params, name string, known []string, do func(name, place string, value any)) {
	value := p.Value(name)
	if value == nil {
		return
	}
	object, ok := value.(map[string]any)
	if !ok {
		u.invalid = append(u.invalid, name+" is invalid")
		return
	}
	for _, key := range slices.Sorted(maps.Keys(object)) {
		switch {
		case !slices.Contains(known, key):
			u.unknown = append(u.unknown, key)
		case object[key] != nil:
			do(key, name+"["+key+"]", object[key])
		}
	}
}

// set reads the members of one unique set: ids of users, agents or projects.
func (u *usage) set(name, place string, value any) {
	list, ok := value.([]any)
	if !ok {
		u.invalid = append(u.invalid, place+" is invalid")
		return
	}
	for _, entry := range list {
		id, ok := integer(entry)
		switch {
		case !ok:
			u.invalid = append(u.invalid, place+" is invalid")
			return
		// The maximum stands for all larger numbers (see integer).
		case id < 0 || id == math.MaxInt64:
			u.refused = append(u.refused, place+" must hold ids")
			return
		}
		u.members = append(u.members, limits.Member{Set: name, ID: id})
	}
}

// err returns the mistakes of type, else the values out of range.
func (u *usage) err() error {
	switch {
	case len(u.invalid) > 0:
		return httpapi.Invalid(u.invalid...)
	case len(u.refused) > 0:
		return httpapi.BadRequest(strings.Join(u.refused, ", "))
	}
	return nil
}

// integer parses an integer, which forms send as text. A value out of range becomes the nearest int64.
func integer(value any) (int64, bool) {
	var text string
	switch v := value.(type) {
	case json.Number:
		text = v.String()
	case string:
		text = v
	}
	digits := strings.TrimPrefix(text, "-")
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return 0, false
	}
	n, _ := strconv.ParseInt(text, 10, 64) // returns the nearest value on overflow
	return n, true
}
