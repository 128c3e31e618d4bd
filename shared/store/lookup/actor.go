package lookup

import (
	"context"

	"postern/shared/gitlab"
	"postern/shared/store/layout"
	"postern/shared/table"
)

// LoadActor returns who a reference names: nobody when it finds nothing. A deploy key comes with its creator.
func (s *Loader) LoadActor(ctx context.Context, ref gitlab.ActorRef) (gitlab.Actor, error) {
	v := s.NewView()
	var actor gitlab.Actor
	err := v.Resolve(ctx, func() bool {
		var known bool
		actor, _, known = v.Actor(ref)
		return known
	})
	return actor, err
}

// Actor evaluates a reference. While known is false, seems tells who it seems to be.
func (v *View) Actor(ref gitlab.ActorRef) (actor gitlab.Actor, seems ActorHint, known bool) {
	switch ref.Kind {
	case gitlab.ByKey, gitlab.ByKeyOwner:
		actor, seems, known = v.keyActor(ref)
	case gitlab.ByUser:
		actor.User, known = v.User(ref.ID)
		seems.User = ref.ID
	case gitlab.ByUsername:
		actor.User, seems.User, known = v.userNamed(ref)
	case gitlab.ByNothing:
		known = true
	}
	if known {
		v.store.hints.actors.Add(ref, seems)
	}
	return actor, seems, known
}

// User evaluates a user by id. Ids of clients may be anything; those below 1 are nobody's and cost no read.
func (v *View) User(id gitlab.ID) (*gitlab.User, bool) {
	if id <= 0 {
		return nil, true
	}
	return Read[gitlab.User](v, layout.UserKey(id))
}

// keyActor finds the key, if it may be used to log in, and its owner or creator.
func (v *View) keyActor(ref gitlab.ActorRef) (actor gitlab.Actor, seems ActorHint, known bool) {
	if ref.ID <= 0 {
		return actor, seems, true
	}
	key, known := Read[gitlab.Key](v, layout.KeyKey(ref.ID))
	if !known {
		seems, _ = v.store.hints.actors.Get(ref)
		// Asked for beside the key, so that a key that was seen before costs one trip.
		if seems.User != 0 {
			v.Want(layout.UserKey(seems.User))
		}
		return actor, seems, false
	}
	// An identifier only names whose key it was when the push began, so there it need not be one that logs in.
	if key == nil || (ref.Kind == gitlab.ByKey && !key.Authenticates()) {
		return actor, seems, true
	}
	if seems.User, known = v.ownerOf(key); known && seems.User != 0 {
		actor.User, known = v.User(seems.User)
	}
	switch {
	// A deploy key acts itself; its creator only lends the rights that are looked up elsewhere.
	case key.Type == gitlab.DeployKey:
		actor.Key, seems.deployKey = key, key.ID
	case ref.Kind == gitlab.ByKey:
		actor.Key = key
	}
	return actor, seems, known
}

// ownerOf returns the key's owner or creator. A deploy key without creator is the ghost user's.
func (v *View) ownerOf(key *gitlab.Key) (gitlab.ID, bool) {
	if key.UserID != nil {
		return *key.UserID, true
	}
	// A document may say of a key that it is nobody's.
	if key.Type != gitlab.DeployKey {
		return 0, true
	}
	ghost, known := Read[Target](v, layout.GhostKey())
	if ghost == nil {
		return 0, known
	}
	return ghost.ID, true
}

// userNamed finds a user by username; the name in the user's own record is what counts.
func (v *View) userNamed(ref gitlab.ActorRef) (*gitlab.User, gitlab.ID, bool) {
	if !table.Nameable(ref.Login) {
		return nil, 0, true
	}
	name := gitlab.FoldPath(ref.Login)
	if hint, ok := v.store.hints.actors.Get(ref); ok && hint.User != 0 {
		// Of another name by now, the hint is worth nothing, and the username's own item is asked.
		user, known := v.User(hint.User)
		if !known || (user != nil && gitlab.FoldPath(user.Username) == name) {
			return user, hint.User, known
		}
	}
	lead, known := Read[Target](v, layout.UsernameKey(name))
	if lead == nil {
		return nil, 0, known
	}
	user, known := v.User(lead.ID)
	return user, lead.ID, known
}
