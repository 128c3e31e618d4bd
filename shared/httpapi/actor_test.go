package httpapi

import (
	"encoding/json"
	"testing"

	"postern/shared/gitlab"
)

// The first parameter that is given decides, also when it finds nobody.
func TestActor(t *testing.T) {
	all := func(changes map[string]any) map[string]any {
		values := map[string]any{"key_id": "11", "user_id": json.Number("29"), "identifier": "user-3", "username": "jane"}
		for name, value := range changes {
			values[name] = value
		}
		return values
	}
	rows := []struct {
		name   string
		values map[string]any
		want   gitlab.ActorRef
		wrong  bool
	}{
		{"nothing", nil, gitlab.ActorRef{}, false},
		{"the key before all", all(nil), gitlab.ActorRef{Kind: gitlab.ByKey, ID: 11}, false},
		{"a key that finds nothing", all(map[string]any{"key_id": "0"}), gitlab.ActorRef{Kind: gitlab.ByKey}, false},
		{"a key that is no number", all(map[string]any{"key_id": "x"}), gitlab.ActorRef{Kind: gitlab.ByKey}, false},
		{"null is not given", all(map[string]any{"key_id": nil}), gitlab.ActorRef{Kind: gitlab.ByUser, ID: 29}, false},
		{"the identifier", all(map[string]any{"key_id": nil, "user_id": nil}), gitlab.ParseIdentifier("user-3"), false},
		{"the username", map[string]any{"username": "jane"}, gitlab.ActorRef{Kind: gitlab.ByUsername, Login: "jane"}, false},
		{"a principal finds nobody", map[string]any{"krb5principal": "jane@X"}, gitlab.ActorRef{}, false},
		{"a list is a mistake", map[string]any{"key_id": []any{}}, gitlab.ActorRef{}, true},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			p := &Params{values: row.values}
			if got := Actor(p); got != row.want || (p.Err() != nil) != row.wrong {
				t.Errorf("Actor = %+v, %v; want %+v", got, p.Err(), row.want)
			}
		})
	}
}
