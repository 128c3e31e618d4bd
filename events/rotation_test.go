package events_test

import (
	"bytes"
	"crypto/rand"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"postern/functions/rotation"
	"postern/shared/secrets/secretstest"
)

// The events of a rotation come one after the other: the four steps, the schedule, and a confirmation.
func TestEventsOfARotation(t *testing.T) {
	sm, ids := secretstest.Client(t), map[string]string{}
	for name, text := range map[string]string{"postern-shell": "first", "postern-kas": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="} {
		id := name + rand.Text()
		if _, err := sm.CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{Name: &id, SecretString: &text}); err != nil {
			t.Fatal(err)
		}
		ids[name] = id
	}
	function := rotation.New(rotation.Deps{
		Secrets: sm, Shell: ids["postern-shell"], KAS: ids["postern-kas"], HandOver: time.Hour, Events: &outside{}, Bus: "bus",
		Logger: slog.New(slog.DiscardHandler), Now: time.Now, Random: rand.Reader,
	})
	for _, name := range []string{"create", "set", "test", "finish", "schedule", "confirm"} {
		t.Run("rotation/"+name, func(t *testing.T) {
			file := filepath.Join("rotation", name)
			payload := bytes.ReplaceAll(read(t, file+".json"), []byte(`"postern-shell"`), []byte(`"`+ids["postern-shell"]+`"`))
			directly(t, function, file, payload)
		})
	}
}
