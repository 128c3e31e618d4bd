package gitlab

import (
	"strconv"
	"strings"
)

// Actor is a key, a user, both, or anonymous (the zero value). For a deploy key User is its creator.
type Actor struct {
	Key  *Key
	User *User
}

// DeployKey reports whether the actor is a deploy key.
func (a Actor) DeployKey() bool { return a.Key != nil && a.Key.Type == DeployKey }

// Anonymous reports whether the actor is neither a key nor a user.
func (a Actor) Anonymous() bool { return a.Key == nil && a.User == nil }

// Person returns the user that acts as a person: none for a deploy key, which acts without its creator.
func (a Actor) Person() *User {
	if a.DeployKey() {
		return nil
	}
	return a.User
}

// GLID returns the gl_id of the actor's user, "user-1", or "" without a user.
func (a Actor) GLID() string {
	if a.User == nil {
		return ""
	}
	return "user-" + strconv.FormatInt(a.User.ID, 10)
}

// ActorRef is the request's reference to the actor. The first given field decides, in the order of the fields, even when it
// finds nothing (internal API, allowed and discover).
type ActorRef struct {
	Kind  ActorRefKind
	ID    ID     // ByKey, ByUser; 0 finds nothing
	Login string // ByUsername
}

// ActorRefKind is which parameter names the actor.
type ActorRefKind uint8

// The ways of naming an actor. A key given as an identifier is looked up for its owner, not as a credential.
const (
	ByNothing ActorRefKind = iota
	ByKey
	ByUser
	ByKeyOwner
	ByUsername
)

// String returns the reference as the log shows it: "key-11", "user-1", "username-jane" or "".
func (r ActorRef) String() string {
	switch r.Kind {
	case ByKey, ByKeyOwner:
		return "key-" + strconv.FormatInt(r.ID, 10)
	case ByUser:
		return "user-" + strconv.FormatInt(r.ID, 10)
	case ByUsername:
		return "username-" + r.Login
	case ByNothing:
	}
	return ""
}

// ParseIdentifier reads an identifier, "user-<digits>" or "key-<digits>"; any other text
// becomes a reference to user 0, which finds nothing.
func ParseIdentifier(s string) ActorRef {
	kind, digits, _ := strings.Cut(s, "-")
	id, ok := ParseID(digits)
	switch {
	case ok && kind == "user":
		return ActorRef{Kind: ByUser, ID: id}
	case ok && kind == "key":
		return ActorRef{Kind: ByKeyOwner, ID: id}
	}
	return ActorRef{Kind: ByUser}
}

// ParseID reads a positive decimal id without sign; anything else is 0 and not ok.
func ParseID(s string) (id ID, ok bool) {
	if s == "" || len(s) > 19 {
		return 0, false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
	}
	id, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0, false
	}
	return id, id > 0
}
