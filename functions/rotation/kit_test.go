package rotation_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"go.uber.org/goleak"

	"postern/functions/rotation"
	"postern/shared/auth"
	"postern/shared/secrets"
	"postern/shared/secrets/secretstest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// installation is a Secrets Manager with one secret of each kind, the function, and a clock that the test turns.
type installation struct {
	t        *testing.T
	sm       *secretsmanager.Client
	calls    *calls
	function lambda.Handler
	log      *bytes.Buffer
	ids      map[string]string // by name
	turned   atomic.Int64      // nanoseconds that the clock is ahead of the machine's
}

const (
	handOver = 24 * time.Hour
	firstKAS = "abcdefghijklmnopqrstuvwxyz012345" // as a stack makes it
)

var kinds = map[string]auth.Kind{"shell": auth.Shell, "kas": auth.KAS}

func install(t *testing.T) *installation {
	t.Helper()
	config := secretstest.Config(t)
	i := &installation{t: t, sm: secretsmanager.NewFromConfig(config), log: &bytes.Buffer{}, ids: map[string]string{}}
	for name, text := range map[string]string{"shell": "first", "kas": firstKAS} {
		id := "test/" + rand.Text()
		out, err := i.sm.CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{Name: &id, SecretString: &text})
		if err != nil {
			t.Fatal(err)
		}
		i.ids[name] = *out.ARN
	}
	i.calls = &calls{Secrets: i.sm, events: eventbridge.NewFromConfig(config), between: func() {}, madeAt: map[string]time.Duration{}}
	i.calls.ahead = func() time.Duration { return time.Duration(i.turned.Load()) }
	i.over()
	return i
}

// over makes the function for the secrets as they are called now.
func (i *installation) over() {
	i.function = rotation.New(rotation.Deps{
		Secrets: i.calls, Shell: i.ids["shell"], KAS: i.ids["kas"], HandOver: handOver, Events: i.calls, Bus: "default",
		Logger: slog.New(slog.NewJSONHandler(i.log, nil)), Metrics: "Postern/test", Now: i.now, Random: rand.Reader,
	})
}

func (i *installation) now() time.Time { return time.Now().Add(time.Duration(i.turned.Load())) }

func (i *installation) turn(by time.Duration) { i.turned.Add(int64(by)) }

// invoke invokes the function and returns the outcome for each secret that it answers for, separated by commas.
func (i *installation) invoke(event any) (string, error) {
	i.t.Helper()
	payload, err := json.Marshal(event)
	if err != nil {
		i.t.Fatal(err)
	}
	raw, err := i.function.Invoke(i.t.Context(), payload)
	if err != nil {
		return "", err
	}
	var answer struct {
		Secrets []struct{ Secret, Outcome string }
	}
	if err := json.Unmarshal(raw, &answer); err != nil {
		i.t.Fatal(err)
	}
	all := ""
	for _, one := range answer.Secrets {
		all += "," + one.Outcome
	}
	return all[min(1, len(all)):], nil
}

func step(name, id, token string) any {
	return map[string]string{"Step": name, "SecretId": id, "ClientRequestToken": token, "RotationToken": "unused"}
}

// rotate asks for the steps as Secrets Manager does, and for all of them again when one fails.
func (i *installation) rotate(name string) (token string) {
	i.t.Helper()
	token = rand.Text() + rand.Text() // ids of versions have 32 letters or more
	for range 3 {
		if i.steps(name, token) == nil {
			return token
		}
	}
	i.t.Fatal("a rotation failed three times")
	return ""
}

func (i *installation) steps(name, token string) error {
	for _, s := range []string{"createSecret", "setSecret", "testSecret", "finishSecret"} {
		if _, err := i.invoke(step(s, i.ids[name], token)); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
	}
	return nil
}

func (i *installation) scheduled() string {
	i.t.Helper()
	var got string
	err := errLost
	for tries := 0; err != nil && tries < 3; tries++ { // as Lambda does
		got, err = i.invoke(map[string]string{"source": "aws.events", "detail-type": "Scheduled Event"})
	}
	if err != nil {
		i.t.Fatal(err)
	}
	return got
}

func confirm(name, version string) any { return map[string]string{"confirm": name, "version": version} }

// labels returns the versions with their labels, by label.
func (i *installation) labels(name string) map[string]string {
	i.t.Helper()
	id := i.ids[name]
	out, err := i.sm.DescribeSecret(i.t.Context(), &secretsmanager.DescribeSecretInput{SecretId: &id})
	if err != nil {
		i.t.Fatal(err)
	}
	found := map[string]string{}
	for version, labels := range out.VersionIdsToStages {
		for _, label := range labels {
			if found[label] != "" {
				i.t.Errorf("two versions are %s", label)
			}
			found[label] = version
		}
	}
	return found
}

// text returns the text of a version, as who carries it to the clients reads it.
func (i *installation) text(name, version string) string {
	i.t.Helper()
	id := i.ids[name]
	out, err := i.sm.GetSecretValue(i.t.Context(), &secretsmanager.GetSecretValueInput{SecretId: &id, VersionId: &version})
	if err != nil {
		i.t.Fatal(err)
	}
	return *out.SecretString
}

// server is a function that has been running since it was made, and lets in callers of one kind.
type server struct {
	*auth.JWT
	kind auth.Kind
	now  func() time.Time
}

func (i *installation) server(name string) *server {
	i.t.Helper()
	kind := kinds[name]
	source, err := secrets.New(i.t.Context(), i.sm, i.ids[name], kind.StoredKey, secrets.Options{Now: i.now})
	if err != nil {
		i.t.Fatal(err)
	}
	if kind == auth.KAS {
		return &server{auth.NewKAS(source, i.now), kind, i.now}
	}
	return &server{auth.NewShell(source, i.now), kind, i.now}
}

// lets reports whether the server lets in who holds a text.
func (s *server) lets(t *testing.T, text string) bool {
	t.Helper()
	key, err := s.kind.StoredKey(text)
	if err != nil {
		t.Fatal(err)
	}
	token, err := auth.Sign(s.kind, key, s.now(), 1000*time.Hour) // the clock may be turned before it is judged
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set(s.kind.Header(), token)
	return s.Authenticate(t.Context(), r) == nil
}
