package store

import (
	"context"

	"postern/shared/gitlab"
)

// LFSQuery asks who wants to log in to the LFS server of which repository.
type LFSQuery struct {
	Actor      gitlab.ActorRef
	Repository *gitlab.Repository // wins over Path
	Path       string             // a clone path, cleaned
}

// LFSContext is what LoadLFSContext found.
type LFSContext struct {
	Settings  Settings
	Actor     gitlab.Actor
	Container *gitlab.Container // nil: nothing is there
}

// LoadLFSContext reads all of it at one moment: in one round trip when earlier requests left hints for the actor and the
// repository, in two when they did not.
func (s *Store) LoadLFSContext(ctx context.Context, q LFSQuery) (LFSContext, error) {
	v := s.newView()
	var c LFSContext
	err := v.resolve(ctx, func() bool {
		settings, settingsKnown := v.settings()
		actor, _, actorKnown := v.actor(q.Actor)
		found, _, foundKnown := v.container(asked{repository: q.Repository, path: q.Path})
		c = LFSContext{Settings: settings, Actor: actor, Container: found}
		return settingsKnown && actorKnown && foundKnown
	})
	return c, err
}

// LoadLFSActors returns whom a login at an LFS server may stand for: the user alone and with each of their SSH keys, or
// the deploy key; none when there is nobody. A signature tells which it is (credential.LFS).
func (s *Store) LoadLFSActors(ctx context.Context, ref gitlab.ActorRef) ([]gitlab.Actor, error) {
	actor, err := s.LoadActor(ctx, ref)
	if err != nil || actor.Nobody() {
		return nil, err
	}
	// Only deploy keys log in by their own name; people's keys do by their user's.
	if ref.Kind == gitlab.ByKey {
		if !actor.DeployKey() {
			return nil, nil
		}
		return []gitlab.Actor{actor}, nil
	}
	var keys []Key
	const prefix = "back#key#"
	err = s.query(ctx, userKey(actor.User.ID).PK, prefix, func(item Item) error {
		keys = append(keys, Key{PK: text(item, "sk")[len("back#"):], SK: "key"})
		return nil
	})
	if err != nil {
		return nil, err
	}
	items, err := s.batchGet(ctx, keys)
	if err != nil {
		return nil, err
	}
	actors := []gitlab.Actor{actor}
	for _, item := range items {
		var key gitlab.Key
		if err := decode(item, &key); err != nil {
			return nil, err
		}
		// The listing may be older than the key, which can have another owner by now.
		if key.Type != gitlab.DeployKey && key.UserID != nil && *key.UserID == actor.User.ID {
			actors = append(actors, gitlab.Actor{Key: &key, User: actor.User})
		}
	}
	return actors, nil
}
