package store

import (
	"context"

	"postern/shared/gitlab"
)

// LoadActor returns who a reference names: nobody when it finds nothing. A deploy key comes with its creator.
func (s *Store) LoadActor(ctx context.Context, ref gitlab.ActorRef) (gitlab.Actor, error) {
	v := s.newView()
	var actor gitlab.Actor
	err := v.resolve(ctx, func() bool {
		var known bool
		actor, _, known = v.actor(ref)
		return known
	})
	return actor, err
}

// actor evaluates a reference. While known is false, seems tells who it seems to be.
func (v *view) actor(ref gitlab.ActorRef) (actor gitlab.Actor, seems actorHint, known bool) {
	switch ref.Kind {
	case gitlab.ByKey, gitlab.ByKeyOwner:
		actor, seems, known = v.keyActor(ref)
	case gitlab.ByUser:
		actor.User, known = v.user(ref.ID)
		seems.user = ref.ID
	case gitlab.ByUsername:
		actor.User, seems.user, known = v.userNamed(ref)
	case gitlab.ByNothing:
		known = true
	}
	if known {
		v.store.hints.actors.Add(ref, seems)
	}
	return actor, seems, known
}

// user evaluates a user by id. Ids of clients may be anything; those below 1 are nobody's and cost no read.
func (v *view) user(id gitlab.ID) (*gitlab.User, bool) {
	if id <= 0 {
		return nil, true
	}
	return record[gitlab.User](v, userKey(id))
}

// keyActor finds the key, if it may be used to log in, and its owner or creator.
func (v *view) keyActor(ref gitlab.ActorRef) (actor gitlab.Actor, seems actorHint, known bool) {
	if ref.ID <= 0 {
		return actor, seems, true
	}
	key, known := record[gitlab.Key](v, keyKey(ref.ID))
	if !known {
		seems, _ = v.store.hints.actors.Get(ref)
		// Asked for beside the key, so that a key that was seen before costs one trip.
		if seems.user != 0 {
			v.want(userKey(seems.user))
		}
		return actor, seems, false
	}
	// An identifier only names whose key it was when the push began, so there it need not be one that logs in.
	if key == nil || (ref.Kind == gitlab.ByKey && !key.Authenticates()) {
		return actor, seems, true
	}
	if seems.user, known = v.ownerOf(key); known && seems.user != 0 {
		actor.User, known = v.user(seems.user)
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
func (v *view) ownerOf(key *gitlab.Key) (gitlab.ID, bool) {
	if key.UserID != nil {
		return *key.UserID, true
	}
	// A document may say of a key that it is nobody's.
	if key.Type != gitlab.DeployKey {
		return 0, true
	}
	ghost, known := record[target](v, ghostKey())
	if ghost == nil {
		return 0, known
	}
	return ghost.ID, true
}

// userNamed finds a user by username; the name in the user's own record is what counts.
func (v *view) userNamed(ref gitlab.ActorRef) (*gitlab.User, gitlab.ID, bool) {
	if !nameable(ref.Login) {
		return nil, 0, true
	}
	name := gitlab.FoldPath(ref.Login)
	if hint, ok := v.store.hints.actors.Get(ref); ok && hint.user != 0 {
		// Of another name by now, the hint is worth nothing, and the username's own item is asked.
		user, known := v.user(hint.user)
		if !known || (user != nil && gitlab.FoldPath(user.Username) == name) {
			return user, hint.user, known
		}
	}
	lead, known := record[target](v, usernameKey(name))
	if lead == nil {
		return nil, 0, known
	}
	user, known := v.user(lead.ID)
	return user, lead.ID, known
}
