package store_test

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"postern/shared/gitlab"
	"postern/shared/store"
	"postern/shared/store/credentials"
	"postern/shared/store/layout"
	"postern/shared/store/lookup"
	"postern/shared/table"
)

// otpState reads what is kept of user 1's one-time passwords.
func otpState(t *testing.T, s *store.Store) credentials.OTPState {
	t.Helper()
	c, err := s.LoadCredentialContext(t.Context(), credentials.CredentialQuery{Actor: byKey(11), SignIn: true})
	if err != nil {
		t.Fatal(err)
	}
	return c.OTP
}

// However many attempts come at once, ten are judged.
func TestAttemptsAreLimited(t *testing.T) {
	w := newWorld(t, small)
	now := time.Now()
	s := store.New(w.count.API, w.table, func() time.Time { return now })
	var wg sync.WaitGroup
	var mu sync.Mutex
	taken := 0
	for range 25 {
		wg.Go(func() {
			ok, err := s.TakeOTPAttempt(t.Context(), 1, credentials.OTPState{})
			if err != nil {
				t.Errorf("take: %v", err)
			}
			mu.Lock()
			defer mu.Unlock()
			if ok {
				taken++
			}
		})
	}
	wg.Wait()
	if taken != 10 {
		t.Errorf("%d attempts were let through, want 10", taken)
	}
	state := otpState(t, s)
	if !state.Locked(now) || state.Locked(now.Add(10*time.Minute)) {
		t.Errorf("%+v: want locked for ten minutes", state)
	}
	now = now.Add(10 * time.Minute)
	if ok, err := s.TakeOTPAttempt(t.Context(), 1, state); !ok || err != nil {
		t.Errorf("after the lock: %v %v", ok, err)
	}
	if state := otpState(t, s); state.Attempts != 1 {
		t.Errorf("%d attempts, want counting to begin anew", state.Attempts)
	}
}

func TestAStepWorksOnce(t *testing.T) {
	w := newWorld(t, small)
	rows := []struct {
		name string
		with credentials.OTPSuccess
		want error
	}{
		{"the first", credentials.OTPSuccess{User: 1, Key: 11, Step: 100, Request: "a"}, nil},
		{"the same again", credentials.OTPSuccess{User: 1, Key: 11, Step: 100, Request: "b"}, table.ErrConflict},
		{"an earlier one", credentials.OTPSuccess{User: 1, Step: 99, Request: "c"}, table.ErrConflict},
		{"a later one, without a key", credentials.OTPSuccess{User: 1, Step: 101, Request: "d"}, nil},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			if err := w.reader.OpenOTPSession(t.Context(), row.with); !errors.Is(err, row.want) {
				t.Errorf("got %v, want %v", err, row.want)
			}
		})
	}
	if state := otpState(t, w.reader); state.Request != "d" || state.Attempts != 0 {
		t.Errorf("%+v, want the last right request", state)
	}
}

// recoveryCodes returns the stored digests of user 1.
func recoveryCodes(t *testing.T, w *world) []string {
	t.Helper()
	out, err := w.count.API.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &w.table, Key: map[string]types.AttributeValue{
		"pk": &types.AttributeValueMemberS{Value: "user#1"}, "sk": &types.AttributeValueMemberS{Value: "recovery"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	codes, _ := out.Item["codes"].(*types.AttributeValueMemberSS)
	if codes == nil {
		return nil
	}
	return codes.Value
}

// Of two concurrent replacements of the same state only one succeeds.
func TestRecoveryCodesAreReplacedOnce(t *testing.T) {
	w := newWorld(t, small)
	codes := func(request, replaces string) error {
		return w.reader.ReplaceRecoveryCodes(t.Context(), credentials.NewRecoveryCodes{
			User: 1, Digests: []string{gitlab.TokenDigest(request)}, Request: request, Replaces: replaces,
			Handout: credentials.Handout{Salt: "00", Proof: "p"},
		})
	}
	for _, step := range []struct {
		request, replaces string
		want              error
	}{
		{"a", "", nil}, {"b", "", table.ErrConflict}, {"b", "a", nil}, {"c", "a", table.ErrConflict}, {"b", "b", table.ErrConflict},
	} {
		if err := codes(step.request, step.replaces); !errors.Is(err, step.want) {
			t.Errorf("%s in the place of %q: %v, want %v", step.request, step.replaces, err, step.want)
		}
	}
	if got := recoveryCodes(t, w); !slices.Equal(got, []string{gitlab.TokenDigest("b")}) {
		t.Errorf("stored codes %q, want those of b", got)
	}
	if _, err := w.writer.Remove(t.Context(), layout.OwnKey(layout.KindUser, 1)); err != nil {
		t.Fatal(err)
	}
	if err := codes("d", "b"); !errors.Is(err, table.ErrConflict) {
		t.Errorf("for a user who is gone: %v", err)
	}
}

func TestLoadPersonalToken(t *testing.T) {
	w := newWorld(t, small)
	w.apply(`{"personal_access_tokens":[{"id":5,"user_id":1,"name":"n","scopes":["api"],"token":"secret"}]}`)
	for token, want := range map[string]bool{"secret": true, "other": false} {
		got, err := w.reader.LoadPersonalToken(t.Context(), gitlab.TokenDigest(token))
		if err != nil || (got.User != nil && got.User.ID == 1) != want || (got.Token != nil) != want {
			t.Errorf("%s: %+v %v", token, got, err)
		}
	}
}

func TestLFSAndErrorTrackingBudgets(t *testing.T) {
	w := newWorld(t, small)
	rows := []budget{
		{"lfs_authenticate", func() error {
			c, err := w.reader.LoadLFSContext(t.Context(), lookup.LFSQuery{Actor: byKey(11), Path: "acme/app"})
			if err == nil && (c.Container == nil || c.Actor.User == nil) {
				t.Error("nothing found")
			}
			return err
		}, 2, 1, 3 + 2},
		{"error tracking", func() error {
			c, err := w.reader.LoadErrorTrackingContext(t.Context(), 7)
			if err == nil && c.Project == nil {
				t.Error("nothing found")
			}
			return err
		}, 1, 1, 2},
		{"personal_access_token", func() error {
			_, err := w.reader.LoadCredentialContext(t.Context(), credentials.CredentialQuery{Actor: byKey(11), Request: "r"})
			return err
		}, 2, 1, 4},
	}
	w.keeps(t, rows)
}

// Whoever logs in at an LFS server may stand for the user alone or with any of their own keys.
func TestLoadLFSActors(t *testing.T) {
	w := newWorld(t, small)
	rows := []struct {
		name string
		ref  gitlab.ActorRef
		want []gitlab.ID // of the keys, 0 for the user alone
	}{
		{"a user", gitlab.ActorRef{Kind: gitlab.ByUsername, Login: "Ann"}, []gitlab.ID{0, 11}},
		{"a deploy key", byKey(201), []gitlab.ID{201}},
		{"a person's key is no login", byKey(11), nil},
		{"nobody", gitlab.ActorRef{Kind: gitlab.ByUsername, Login: "none"}, nil},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			actors, err := w.reader.LoadLFSActors(t.Context(), row.ref)
			if err != nil {
				t.Fatal(err)
			}
			var got []gitlab.ID
			for _, a := range actors {
				id := gitlab.ID(0)
				if a.Key != nil {
					id = a.Key.ID
				}
				got = append(got, id)
			}
			if slices.Sort(got); !slices.Equal(got, row.want) {
				t.Errorf("keys %v, want %v", got, row.want)
			}
		})
	}
}
