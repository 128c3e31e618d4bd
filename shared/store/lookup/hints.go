package lookup

import (
	"github.com/hashicorp/golang-lru/v2"

	"postern/shared/gitlab"
	"postern/shared/table"
)

// hintsKept is how many hints of each kind a process remembers; the least recently used ones go first.
const hintsKept = 8192

// hints is what earlier requests found out about where things are. A hint only saves a round trip: whatever it
// points to is read again and checked, so an old one is never an answer.
type hints struct {
	actors       *lru.Cache[gitlab.ActorRef, ActorHint] // whose key or name it was
	paths        *lru.Cache[string, pathHint]           // where a path led
	chains       *lru.Cache[gitlab.ID, []gitlab.ID]     // the namespaces above a project
	fingerprints *lru.Cache[string, keyHint]            // which key had a fingerprint
	places       *lru.Cache[string, PlaceHint]          // where memberships counted for what was asked
	grants       *lru.Cache[grantHint, []table.Key]     // what was read for the groups and keys that rules name
	personal     *lru.Cache[string, personalHint]       // which personal access token had a digest
}

// ActorHint is the user whose rights count, 0 for none, or the deploy key that acts in its own.
type ActorHint struct {
	User      gitlab.ID // the person, or the deploy key's creator
	deployKey gitlab.ID
}

// Person is the user that acts as a person.
func (h ActorHint) Person() gitlab.ID {
	if h.deployKey != 0 {
		return 0
	}
	return h.User
}

// pathHint says which project a path led to, 0 for none, and which index items showed it where the project's own
// chain of names does not.
type pathHint struct {
	project gitlab.ID
	proof   []table.Key
}

// PlaceHint is a project, 0 for none, and the namespaces above it.
type PlaceHint struct {
	Project    gitlab.ID
	Namespaces []gitlab.ID
}

// keyHint is a key and its owner, 0 for none.
type keyHint struct {
	key, user gitlab.ID
}

// personalHint is a personal access token and whose it is.
type personalHint struct {
	token, user gitlab.ID
}

// newHints starts a process, which knows nothing.
func newHints() *hints {
	return &hints{
		actors:       NewLRU[gitlab.ActorRef, ActorHint](),
		paths:        NewLRU[string, pathHint](),
		chains:       NewLRU[gitlab.ID, []gitlab.ID](),
		fingerprints: NewLRU[string, keyHint](),
		places:       NewLRU[string, PlaceHint](),
		grants:       NewLRU[grantHint, []table.Key](),
		personal:     NewLRU[string, personalHint](),
	}
}

// NewLRU bounds what a process remembers: requests name whatever they like, and must not be able to fill its memory.
func NewLRU[K comparable, V any]() *lru.Cache[K, V] {
	cache, err := lru.New[K, V](hintsKept)
	if err != nil { // only a size below 1 fails
		return nil
	}
	return cache
}
