package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"postern/shared/gitlab"
	"postern/shared/store"
	"postern/shared/store/credentials"
	"postern/shared/store/layout"
	"postern/shared/store/lookup"
	"postern/shared/store/pushes"
	"postern/shared/table"
)

// broken lets so many calls through and fails all further ones.
type broken struct {
	table.API
	left int
	err  error
}

func (b *broken) call() error {
	if b.left--; b.left < 0 {
		return b.err
	}
	return nil
}

func (b *broken) GetItem(ctx context.Context, in *dynamodb.GetItemInput, o ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	if err := b.call(); err != nil {
		return nil, err
	}
	return b.API.GetItem(ctx, in, o...)
}

func (b *broken) BatchGetItem(ctx context.Context, in *dynamodb.BatchGetItemInput, o ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	if err := b.call(); err != nil {
		return nil, err
	}
	return b.API.BatchGetItem(ctx, in, o...)
}

func (b *broken) Query(ctx context.Context, in *dynamodb.QueryInput, o ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	if err := b.call(); err != nil {
		return nil, err
	}
	return b.API.Query(ctx, in, o...)
}

func (b *broken) PutItem(ctx context.Context, in *dynamodb.PutItemInput, o ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	if err := b.call(); err != nil {
		return nil, err
	}
	return b.API.PutItem(ctx, in, o...)
}

func (b *broken) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, o ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	if err := b.call(); err != nil {
		return nil, err
	}
	return b.API.UpdateItem(ctx, in, o...)
}

func (b *broken) DeleteItem(ctx context.Context, in *dynamodb.DeleteItemInput, o ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error) {
	if err := b.call(); err != nil {
		return nil, err
	}
	return b.API.DeleteItem(ctx, in, o...)
}

func (b *broken) TransactWriteItems(ctx context.Context, in *dynamodb.TransactWriteItemsInput, o ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	if err := b.call(); err != nil {
		return nil, err
	}
	return b.API.TransactWriteItems(ctx, in, o...)
}

// Whichever call of whichever operation the table does not answer, the caller is told so: never that a record is
// absent, and never half of an answer.
func TestAnUnansweredCallIsUnavailable(t *testing.T) {
	w := newWorld(t, small)
	w.put(trusts(20), trusts(30))
	creator := &gitlab.User{ID: 1, ProjectsLimit: 10}
	rows := []struct {
		name string
		do   func(context.Context, *store.Store) error
	}{
		{"LoadSettings", func(ctx context.Context, s *store.Store) error { _, err := s.LoadSettings(ctx); return err }},
		{"LoadActor", func(ctx context.Context, s *store.Store) error { _, err := s.LoadActor(ctx, byKey(11)); return err }},
		{"LoadPushContext", func(ctx context.Context, s *store.Store) error {
			_, err := s.LoadPushContext(ctx, lookup.PushQuery{Actor: byKey(11), Path: "acme/oldname"})
			return err
		}},
		{"LoadKeyByFingerprint", func(ctx context.Context, s *store.Store) error {
			_, err := s.LoadKeyByFingerprint(ctx, "none")
			if errors.Is(err, table.ErrNotFound) {
				return nil
			}
			return err
		}},
		{"LoadCertificateContext", func(ctx context.Context, s *store.Store) error {
			_, err := s.LoadCertificateContext(ctx, lookup.CertificateQuery{Fingerprint: "ca", Identifier: "ann"})
			return err
		}},
		{"Records", func(ctx context.Context, s *store.Store) error {
			_, err := s.Records(ctx, []table.Key{layout.OwnKey(layout.KindUser, 1)})
			return err
		}},
		{"Holders", func(ctx context.Context, s *store.Store) error {
			_, err := s.Holders(ctx, []table.Key{{PK: "username#ann", SK: "username"}})
			return err
		}},
		{"Present", func(ctx context.Context, s *store.Store) error {
			_, err := s.Present(ctx, []table.Key{layout.OwnKey(layout.KindUser, 1)})
			return err
		}},
		{"DeployKeyLinks", func(ctx context.Context, s *store.Store) error { _, err := s.DeployKeyLinks(ctx, 201); return err }},
		{"NextID", func(ctx context.Context, s *store.Store) error { _, err := s.NextID(ctx, "thing"); return err }},
		{"KeepMessage", func(ctx context.Context, s *store.Store) error {
			return s.KeepMessage(ctx, 1, gitlab.Repository{Kind: gitlab.ProjectRepository, ID: 7}, pushes.MovedMessage, "m")
		}},
		{"TouchUser", func(ctx context.Context, s *store.Store) error { return s.TouchUser(ctx, creator) }},
		{"Throttled", func(ctx context.Context, s *store.Store) error { _, err := s.Throttled(ctx, "scope", 1); return err }},
		{"CreateProject", func(ctx context.Context, s *store.Store) error {
			parent := gitlab.Chain{{ID: 1_000_000_000_001, Kind: gitlab.UserNamespace, Path: "ann"}}
			_, err := s.CreateProject(ctx, pushes.NewProject{Path: "fresh", Parent: parent, Creator: creator})
			return err
		}},
		{"LoadLFSContext", func(ctx context.Context, s *store.Store) error {
			_, err := s.LoadLFSContext(ctx, lookup.LFSQuery{Actor: byKey(11), Path: "acme/app"})
			return err
		}},
		{"LoadLFSActors", func(ctx context.Context, s *store.Store) error { _, err := s.LoadLFSActors(ctx, byUser(1)); return err }},
		{"LoadErrorTrackingContext", func(ctx context.Context, s *store.Store) error {
			_, err := s.LoadErrorTrackingContext(ctx, 7)
			return err
		}},
		{"LoadCredentialContext", func(ctx context.Context, s *store.Store) error {
			_, err := s.LoadCredentialContext(ctx, credentials.CredentialQuery{Actor: byKey(11), Request: "r", SignIn: true})
			return err
		}},
		{"LoadPersonalToken", func(ctx context.Context, s *store.Store) error { _, err := s.LoadPersonalToken(ctx, "d"); return err }},
		{"TakeOTPAttempt", func(ctx context.Context, s *store.Store) error {
			_, err := s.TakeOTPAttempt(ctx, 1, credentials.OTPState{})
			return err
		}},
		{"OpenOTPSession", func(ctx context.Context, s *store.Store) error {
			return s.OpenOTPSession(ctx, credentials.OTPSuccess{User: 1, Key: 11, Step: 1})
		}},
		{"ReplaceRecoveryCodes", func(ctx context.Context, s *store.Store) error {
			return s.ReplaceRecoveryCodes(ctx, credentials.NewRecoveryCodes{User: 1, Digests: []string{"d"}, Request: "r"})
		}},
		{"CreatePersonalToken", func(ctx context.Context, s *store.Store) error {
			return s.CreatePersonalToken(ctx, gitlab.PersonalAccessToken{UserID: 1, Digest: "new"}, "q", credentials.Handout{})
		}},
		{"Remove", func(ctx context.Context, s *store.Store) error {
			_, err := s.Remove(ctx, layout.OwnKey(layout.KindUser, 1))
			return err
		}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			answered := 0
			for ; answered < 100; answered++ {
				api := &broken{API: w.count.API, left: answered, err: errors.New("connection reset")}
				err := row.do(t.Context(), store.New(api, w.table, time.Now))
				if err == nil {
					break
				}
				var outage *table.UnavailableError
				if !errors.As(err, &outage) || !outage.Unavailable() || errors.Is(err, table.ErrNotFound) {
					t.Fatalf("after %d calls: %v, want one that says unavailable", answered, err)
				}
			}
			if answered == 0 {
				t.Error("asked nothing of the table")
			}
		})
	}
}

// A client that went away is not reported as an outage.
func TestACancelledRequestIsNoOutage(t *testing.T) {
	w := newWorld(t, small)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := w.reader.LoadPushContext(ctx, lookup.PushQuery{Actor: byKey(11), Path: "acme/app"})
	var outage *table.UnavailableError
	if !errors.Is(err, context.Canceled) || errors.As(err, &outage) {
		t.Errorf("got %v, want that the request was cancelled", err)
	}
}
