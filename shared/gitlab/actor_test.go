package gitlab_test

import (
	"strings"
	"testing"

	"postern/shared/gitlab"
)

func TestParseIdentifier(t *testing.T) {
	nobody := gitlab.ActorRef{Kind: gitlab.ByUser}
	tests := []struct {
		in   string
		want gitlab.ActorRef
	}{
		{"user-1", gitlab.ActorRef{Kind: gitlab.ByUser, ID: 1}},
		{"key-11", gitlab.ActorRef{Kind: gitlab.ByKeyOwner, ID: 11}},
		{"user-9223372036854775807", gitlab.ActorRef{Kind: gitlab.ByUser, ID: 9223372036854775807}},
		{"username-bob", nobody},
		{"deploy-token-1", nobody},
		{"user-0", nobody},
		{"user--1", nobody},
		{"user-", nobody},
		{"user", nobody},
		{"user-1x", nobody},
		{"user-1\n", nobody},
		{" user-1", nobody},
		{"User-1", nobody},
		{"user-1-2", nobody},
		{"1", nobody},
		{"", nobody},
	}
	for _, tt := range tests {
		t.Run(tt.in, func(t *testing.T) {
			if got := gitlab.ParseIdentifier(tt.in); got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

func FuzzParseIdentifier(f *testing.F) {
	for _, seed := range []string{"user-1", "key-11", "user-007", "username-bob", "-", "key-99999999999999999999"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		ref := gitlab.ParseIdentifier(s)
		if ref.Login != "" || ref.ID < 0 || (ref.Kind != gitlab.ByUser && ref.Kind != gitlab.ByKeyOwner) {
			t.Errorf("%q: %+v", s, ref)
		}
		if ref.ID > 0 && gitlab.ParseIdentifier(ref.String()) != ref {
			t.Errorf("%q: %+v does not come back", s, ref)
		}
	})
}

func TestParseID(t *testing.T) {
	tests := []struct {
		in   string
		want gitlab.ID // 0: refused
	}{
		{"1", 1},
		{"4294967296", 4294967296},
		{"9223372036854775807", 9223372036854775807},
		{"007", 7},
		{"9223372036854775808", 0},
		{"10000000000000000000", 0},
		{"0", 0},
		{"", 0},
		{"-1", 0},
		{"+1", 0},
		{"1.0", 0},
		{"1e3", 0},
		{"0x10", 0},
		{"1_000", 0},
		{" 1", 0},
		{"١", 0}, // a digit, but not a decimal one of ASCII
	}
	for _, tt := range tests {
		t.Run(tt.in, func(t *testing.T) {
			if got, ok := gitlab.ParseID(tt.in); got != tt.want || ok != (tt.want != 0) {
				t.Errorf("got %d, %t", got, ok)
			}
		})
	}
}

func FuzzParseID(f *testing.F) {
	for _, seed := range []string{"1", "0", "007", "9223372036854775807", "9223372036854775808", "-1", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		id, ok := gitlab.ParseID(s)
		if ok != (id > 0) {
			t.Errorf("%q: %d, %t", s, id, ok)
		}
		if ok && strings.Trim(s, "0123456789") != "" {
			t.Errorf("%q is taken for %d", s, id)
		}
	})
}

func TestActorRefsInTheLog(t *testing.T) {
	tests := []struct {
		ref  gitlab.ActorRef
		want string
	}{
		{gitlab.ActorRef{Kind: gitlab.ByKey, ID: 11}, "key-11"},
		{gitlab.ActorRef{Kind: gitlab.ByKeyOwner, ID: 11}, "key-11"},
		{gitlab.ActorRef{Kind: gitlab.ByUser, ID: 1}, "user-1"},
		{gitlab.ActorRef{Kind: gitlab.ByUsername, Login: "jane"}, "username-jane"},
		{gitlab.ActorRef{}, ""},
	}
	for _, tt := range tests {
		if got := tt.ref.String(); got != tt.want {
			t.Errorf("%+v: %q, want %q", tt.ref, got, tt.want)
		}
	}
}

func TestActors(t *testing.T) {
	user := &gitlab.User{ID: 13}
	personal, deploy := &gitlab.Key{ID: 102, Type: gitlab.PersonalKey}, &gitlab.Key{ID: 201, Type: gitlab.DeployKey}
	tests := []struct {
		name              string
		actor             gitlab.Actor
		person            *gitlab.User
		glID              string
		deployKey, nobody bool
	}{
		{"nobody", gitlab.Actor{}, nil, "", false, true},
		{"a user", gitlab.Actor{User: user}, user, "user-13", false, false},
		{"a user's key", gitlab.Actor{Key: personal, User: user}, user, "user-13", false, false},
		{"a key of nobody", gitlab.Actor{Key: personal}, nil, "", false, false},
		{"a deploy key", gitlab.Actor{Key: deploy, User: user}, nil, "user-13", true, false},
		{"a deploy key of nobody", gitlab.Actor{Key: deploy}, nil, "", true, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := tt.actor
			if a.Person() != tt.person || a.GLID() != tt.glID || a.DeployKey() != tt.deployKey || a.Anonymous() != tt.nobody {
				t.Errorf("person %v, gl_id %q, deploy key %t, nobody %t", a.Person(), a.GLID(), a.DeployKey(), a.Anonymous())
			}
		})
	}
}
