package lookup

import (
	"context"

	"postern/shared/gitlab"
	"postern/shared/store/layout"
	"postern/shared/store/record"
	"postern/shared/table"
)

// LFSQuery asks who wants to log in to the LFS server of which repository.
type LFSQuery struct {
	Actor      gitlab.ActorRef
	Repository *gitlab.Repository // wins over Path
	Path       string             // a clone path, cleaned
}

// LFSContext is what LoadLFSContext found.
type LFSContext struct {
	Settings  record.Settings
	Actor     gitlab.Actor
	Container *gitlab.Container // nil: nothing is there
}

// LoadLFSContext reads all of it at one moment: in one round trip when earlier requests left hints for the actor and the
// repository, in two when they did not.
func (s *Loader) LoadLFSContext(ctx context.Context, q LFSQuery) (LFSContext, error) {
	v := s.NewView()
	var c LFSContext
	err := v.Resolve(ctx, func() bool {
		settings, settingsKnown := v.Settings()
		actor, _, actorKnown := v.Actor(q.Actor)
		found, _, foundKnown := v.container(asked{repository: q.Repository, path: q.Path})
		c = LFSContext{Settings: settings, Actor: actor, Container: found}
		return settingsKnown && actorKnown && foundKnown
	})
	return c, err
}

// LoadLFSActors returns whom a login at an LFS server may stand for: the user alone and with each of their SSH keys, or
// the deploy key; none when there is nobody. A signature tells which it is (credential.LFS).
func (s *Loader) LoadLFSActors(ctx context.Context, ref gitlab.ActorRef) ([]gitlab.Actor, error) {
	actor, err := s.LoadActor(ctx, ref)
	if err != nil || actor.Anonymous() {
		return nil, err
	}
	// Only deploy keys log in by their own name; people's keys do by their user's.
	if ref.Kind == gitlab.ByKey {
		if !actor.DeployKey() {
			return nil, nil
		}
		return []gitlab.Actor{actor}, nil
	}
	var keys []table.Key
	const prefix = "back#key#"
	err = s.db.Query(ctx, layout.UserKey(actor.User.ID).PK, prefix, func(item table.Item) error {
		keys = append(keys, table.Key{PK: table.Text(item, "sk")[len("back#"):], SK: "key"})
		return nil
	})
	if err != nil {
		return nil, err
	}
	items, err := s.db.Get(ctx, keys)
	if err != nil {
		return nil, err
	}
	actors := []gitlab.Actor{actor}
	for _, item := range items {
		var key gitlab.Key
		if err := table.Decode(item, &key); err != nil {
			return nil, err
		}
		// The listing may be older than the key, which can have another owner by now.
		if key.Type != gitlab.DeployKey && key.UserID != nil && *key.UserID == actor.User.ID {
			actors = append(actors, gitlab.Actor{Key: &key, User: actor.User})
		}
	}
	return actors, nil
}
