package events_test

import (
	"bytes"
	"crypto/rand"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"postern/functions/rotation"
	"postern/local/cloud"
	"postern/shared/secrets/secretstest"
)

// The events of a rotation in their order: four steps, the schedule, and a confirmation.
func TestEventsOfARotation(t *testing.T) {
	sm := secretstest.Client(t)
	shell, kas := secretsOf(t, sm)
	function := invoked("RotationFunction", rotation.New(rotation.Deps{
		Secrets: sm, Shell: shell, KAS: kas, HandOver: time.Hour, Events: &outside{}, Bus: "bus",
		Logger: slog.New(slog.DiscardHandler), Now: time.Now, Random: rand.Reader,
	}))
	for _, name := range []string{"create", "set", "test", "finish", "schedule", "confirm"} {
		t.Run("rotation/"+name, func(t *testing.T) {
			file := filepath.Join("rotation", name)
			payload := bytes.ReplaceAll(read(t, file+".json"), []byte(`"postern-shell"`), []byte(`"`+shell+`"`))
			directly(t, function, file, payload)
		})
	}
	current, err := sm.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{
		SecretId: &shell, VersionStage: aws.String("AWSCURRENT"),
	})
	if err != nil {
		t.Fatal(err)
	}
	if *current.VersionId != "7f2d1a52-6d0e-4c9e-9d0c-5b8a4f6f6d31" {
		t.Errorf("the current version is %s", *current.VersionId)
	}
}

// secretsOf returns the names of the two rotating secrets. They are new, or those of the functions in containers.
func secretsOf(t *testing.T, sm *secretsmanager.Client) (shell, kas string) {
	t.Helper()
	if c := reached(t); c != nil {
		return cloud.ShellSecret, cloud.KASSecret
	}
	create := func(text string) string {
		name := "rotates-" + rand.Text()
		if _, err := sm.CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{Name: &name, SecretString: &text}); err != nil {
			t.Fatal(err)
		}
		return name
	}
	return create("first"), create("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
}
