package store

import (
	lru "github.com/hashicorp/golang-lru/v2"

	"postern/shared/gitlab"
)

// hintsKept is how many hints of each kind a process remembers; the least recently used ones go first.
const hintsKept = 8192

// hints is what earlier requests found out about where things are. A hint only saves a round trip: whatever it
// points to is read again and checked, so an old one is never an answer.
type hints struct {
	actors       *lru.Cache[gitlab.ActorRef, actorHint] // whose key or name it was
	paths        *lru.Cache[string, pathHint]           // where a path led
	chains       *lru.Cache[gitlab.ID, []gitlab.ID]     // the namespaces above a project
	fingerprints *lru.Cache[string, keyHint]            // which key had a fingerprint
	agents       *lru.Cache[string, agentHint]          // whose token had a digest
	members      *lru.Cache[Member, counted]            // up to when they are counted, which never becomes untrue
	places       *lru.Cache[string, placeHint]          // where memberships counted for what was asked
	grants       *lru.Cache[grantHint, []Key]           // what was read for the groups and keys that rules name
	personal     *lru.Cache[string, personalHint]       // which personal access token had a digest
	scimTenants  *lru.Cache[string, gitlab.ID]          // which tenant a SCIM token, by its digest, opened; 0 for the instance
	scimUsers    *lru.Cache[Key, gitlab.ID]             // which user an identity linked
	scimCounts   *lru.Cache[gitlab.ID, int]             // how many groups of blocks a tenant's list had
}

// actorHint is the user whose rights count, 0 for none, or the deploy key that acts in its own.
type actorHint struct {
	user      gitlab.ID // the person, or the deploy key's creator
	deployKey gitlab.ID
}

// person is the user that acts as a person.
func (h actorHint) person() gitlab.ID {
	if h.deployKey != 0 {
		return 0
	}
	return h.user
}

// pathHint says which project a path led to, 0 for none, and which index items showed it where the project's own
// chain of names does not.
type pathHint struct {
	project gitlab.ID
	proof   []Key
}

// placeHint is a project, 0 for none, and the namespaces above it.
type placeHint struct {
	project    gitlab.ID
	namespaces []gitlab.ID
}

// keyHint is a key and its owner, 0 for none.
type keyHint struct {
	key, user gitlab.ID
}

// personalHint is a personal access token and whose it is.
type personalHint struct {
	token, user gitlab.ID
}

// agentHint is a token, its agent, that agent's project, and the namespaces above that as far as they are known.
type agentHint struct {
	token, agent, project gitlab.ID
	namespaces            []gitlab.ID
}

// newHints starts a process, which knows nothing.
func newHints() *hints {
	return &hints{
		actors:       newLRU[gitlab.ActorRef, actorHint](),
		paths:        newLRU[string, pathHint](),
		chains:       newLRU[gitlab.ID, []gitlab.ID](),
		fingerprints: newLRU[string, keyHint](),
		agents:       newLRU[string, agentHint](),
		members:      newLRU[Member, counted](),
		places:       newLRU[string, placeHint](),
		grants:       newLRU[grantHint, []Key](),
		personal:     newLRU[string, personalHint](),
		scimTenants:  newLRU[string, gitlab.ID](),
		scimUsers:    newLRU[Key, gitlab.ID](),
		scimCounts:   newLRU[gitlab.ID, int](),
	}
}

// newLRU bounds what a process remembers: requests name whatever they like, and must not be able to fill its memory.
func newLRU[K comparable, V any]() *lru.Cache[K, V] {
	cache, err := lru.New[K, V](hintsKept)
	if err != nil { // only a size below 1 fails
		return nil
	}
	return cache
}
