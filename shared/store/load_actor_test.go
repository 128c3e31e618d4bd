package store_test

import (
	"strings"
	"testing"

	"postern/shared/gitlab"
	"postern/shared/store/record"
)

// shownActor shows the user, and the key that acts.
func shownActor(a gitlab.Actor) string {
	name := "nobody"
	if a.User != nil {
		name = a.User.Username
	}
	if a.Key != nil {
		name += " with " + string(a.Key.Type)
	}
	return name
}

func byName(login string) gitlab.ActorRef {
	return gitlab.ActorRef{Kind: gitlab.ByUsername, Login: login}
}
func byUser(id gitlab.ID) gitlab.ActorRef { return gitlab.ActorRef{Kind: gitlab.ByUser, ID: id} }
func byOwner(id gitlab.ID) gitlab.ActorRef {
	return gitlab.ActorRef{Kind: gitlab.ByKeyOwner, ID: id}
}

func TestLoadActor(t *testing.T) {
	w := newWorld(t, small)
	w.put(
		record.KeyRecord(&gitlab.Key{ID: 50, Type: gitlab.DeployKey, Fingerprint: "orphan"}),
		record.KeyRecord(&gitlab.Key{ID: 52, Type: gitlab.PersonalKey, Fingerprint: "nobody's"}),
		record.KeyRecord(&gitlab.Key{ID: 53, Type: gitlab.PersonalKey, Fingerprint: "signs", UserID: pointer(gitlab.ID(2)), UsageType: gitlab.UsageSigning}),
	)
	rows := []struct {
		name string
		ref  gitlab.ActorRef
		want string
	}{
		{"a personal key acts for its owner", byKey(11), "ann with key"},
		{"a deploy key comes with its creator", byKey(201), "ann with deploy_key"},
		{"a deploy key without creator acts though there is no ghost user", byKey(50), "nobody with deploy_key"},
		{"a personal key without owner is nobody's", byKey(52), "nobody with key"},
		{"a key for signing only does not log in", byKey(53), "nobody"},
		{"but has an owner", byOwner(53), "bob"},
		{"the owner of a key is a person without key", byOwner(11), "ann"},
		{"the owner of a deploy key acts with it", byOwner(201), "ann with deploy_key"},
		{"an unknown key is nobody's", byKey(999), "nobody"},
		{"a key without id is nobody's", byKey(0), "nobody"},
		{"a user", byUser(2), "bob"},
		{"an unknown user", byUser(999), "nobody"},
		{"a user without id", byUser(0), "nobody"},
		{"a user with a negative id", byUser(-1), "nobody"},
		{"a username", byName("bob"), "bob"},
		{"a username without regard to case", byName("BoB"), "bob"},
		{"an unknown username", byName("zoe"), "nobody"},
		{"an e-mail is no username", byName("ann@example.com"), "nobody"},
		{"no username", byName(""), "nobody"},
		{"a username that is no text", byName("\xff"), "nobody"},
		{"a username longer than any", byName(strings.Repeat("a", 3000)), "nobody"},
		{"nobody named", gitlab.ActorRef{}, "nobody"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			w.forget()
			for range 2 { // cold and warm
				actor, err := w.reader.LoadActor(t.Context(), row.ref)
				if got := shownActor(actor); got != row.want || err != nil {
					t.Errorf("got %s %v, want %s", got, err, row.want)
				}
			}
		})
	}
}

func TestLoadActorSeesChangesAtOnce(t *testing.T) {
	rows := []struct {
		name   string
		ref    gitlab.ActorRef
		change string
		want   string
	}{
		{"a username that another user has taken over", byName("ann"), `{"users":[{"id":1,"username":"anna"},{"id":2,"username":"ann"}]}`, "2"},
		{"a username that nobody has any more", byName("ann"), `{"users":[{"id":1,"username":"anna"}]}`, "0"},
		{"a username in another case", byName("ann"), `{"users":[{"id":1,"username":"ANN"}]}`, "1"},
		{"a user that is removed", byUser(1), `{"remove":{"users":[{"id":1}]}}`, "0"},
		{"a key that is removed", byKey(11), `{"remove":{"keys":[{"id":11}]}}`, "0"},
		{"the key of a user that is removed", byOwner(11), `{"remove":{"users":[{"id":1}]}}`, "0"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, small)
			load := func() string {
				actor, err := w.reader.LoadActor(t.Context(), row.ref)
				switch {
				case err != nil:
					return err.Error()
				case actor.User == nil:
					return "0"
				}
				return map[gitlab.ID]string{1: "1", 2: "2"}[actor.User.ID]
			}
			if got := load(); got != "1" {
				t.Fatalf("before: user %s", got)
			}
			w.apply(row.change)
			for range 2 {
				if got := load(); got != row.want {
					t.Errorf("user %s, want %s", got, row.want)
				}
			}
		})
	}
}
