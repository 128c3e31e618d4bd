package store_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"postern/shared/gitlab"
	"postern/shared/store"
	"postern/shared/store/pushes"
	"postern/shared/storetest"
)

func TestKeepMessage(t *testing.T) {
	type kept struct {
		user    gitlab.ID
		project gitlab.ID
		kind    pushes.MessageKind
		text    string
	}
	rows := []struct {
		name string
		kept []kept
		want map[string]string // partition and kind to text
	}{
		{"one message", []kept{{1, 7, pushes.MovedMessage, "a"}}, map[string]string{"message#1#project-7 moved": "a"}},
		{"a newer one of the same kind takes its place", []kept{{1, 7, pushes.MovedMessage, "a"}, {1, 7, pushes.MovedMessage, "b"}}, map[string]string{"message#1#project-7 moved": "b"}},
		{"kinds are kept beside each other", []kept{{1, 7, pushes.MovedMessage, "a"}, {1, 7, pushes.CreatedMessage, "b"}}, map[string]string{"message#1#project-7 moved": "a", "message#1#project-7 created": "b"}},
		{"users have messages of their own", []kept{{1, 7, pushes.MovedMessage, "a"}, {2, 7, pushes.MovedMessage, "b"}}, map[string]string{"message#1#project-7 moved": "a", "message#2#project-7 moved": "b"}},
		{"repositories have, too", []kept{{1, 7, pushes.MovedMessage, "a"}, {1, 8, pushes.MovedMessage, "b"}}, map[string]string{"message#1#project-7 moved": "a", "message#1#project-8 moved": "b"}},
		{"an empty message is kept", []kept{{1, 7, pushes.MovedMessage, ""}}, map[string]string{"message#1#project-7 moved": ""}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			client, table := storetest.Open(t)
			now := newClock()
			s := store.New(client, table, now.now)
			for _, k := range row.kept {
				repository := gitlab.Repository{Kind: gitlab.ProjectRepository, ID: k.project}
				if err := s.KeepMessage(t.Context(), k.user, repository, k.kind, k.text); err != nil {
					t.Fatalf("KeepMessage: %v", err)
				}
			}
			items := contents(t, client, table)
			if len(items) != len(row.want) {
				t.Errorf("%d items, want %d", len(items), len(row.want))
			}
			for _, item := range items {
				var got struct {
					PK, SK, Text string
					Expires      int64
				}
				if err := unmarshal(item, &got); err != nil {
					t.Fatalf("decode: %v", err)
				}
				if want, ok := row.want[got.PK+" "+got.SK]; !ok || got.Text != want {
					t.Errorf("%s %s says %q, want %q", got.PK, got.SK, got.Text, want)
				}
				if want := now.now().Add(5 * time.Minute).Unix(); got.Expires != want {
					t.Errorf("expires at %d, want %d", got.Expires, want)
				}
			}
		})
	}
}

// The table's time to live looks at numbers of seconds only.
func TestKeptMessageExpiresByNumber(t *testing.T) {
	client, table := storetest.Open(t)
	s := store.New(client, table, time.Now)
	if err := s.KeepMessage(t.Context(), 1, gitlab.Repository{Kind: gitlab.ProjectRepository, ID: 7}, pushes.MovedMessage, "a"); err != nil {
		t.Fatal(err)
	}
	if _, ok := contents(t, client, table)[0]["expires"].(*types.AttributeValueMemberN); !ok {
		t.Error("expires is no number")
	}
}
