package gitlab

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"time"
)

// Push is one push that git has accepted: what the outbox keeps until its effects are there.
type Push struct {
	ID         string // of this push and its repeats
	Repository Repository
	Identifier string // who pushed, as the hook has it: "key-102", "user-13"
	UserID     ID     // the same person, 0 when nobody is known
	Changes    []Change
	Options    []string // as given with git push -o, within the bounds
	// OptionsTruncated reports that some options were cut. ChangesTotal is the number of all changes where some were cut, else 0.
	OptionsTruncated bool
	ChangesTotal     int
	RequestID        string
	At               time.Time
	// MergeRequests are the merge requests in the project MergeTarget that the options make or change: their iids by source
	// branch. Branches without one are left as they are.
	MergeRequests map[string]ID
	MergeTarget   ID
}

// PushID returns what a push and its repeats have in common: everything that was said of it. A client that repeats a
// request keeps its id; where there is none, before tells apart pushes that say the same, one after another.
func PushID(repository Repository, identifier, changes string, options []string, requestID, before string) string {
	h := sha256.New()
	for _, part := range append([]string{repository.String(), identifier, changes, requestID, before}, options...) {
		h.Write([]byte(strconv.Itoa(len(part)) + ":" + part))
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
