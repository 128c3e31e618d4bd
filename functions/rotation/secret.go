package rotation

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"time"

	"postern/shared/auth"
	"postern/shared/secrets"
)

// secret is a secret that the function rotates.
type secret struct {
	name string // for logs and confirmations
	id   string // name or ARN at Secrets Manager
	kind auth.Kind
	size int // random bytes of a new version
	text func(random []byte) string
}

// managed returns the secrets with their ids. New versions have the format of the callers' installers.
func managed(shell, kas string) []secret {
	return []secret{
		{name: "shell", id: shell, kind: auth.Shell, size: 16, text: hex.EncodeToString},
		{name: "kas", id: kas, kind: auth.KAS, size: 32, text: base64.StdEncoding.EncodeToString},
	}
}

// fresh creates a new secret.
func (s *secret) fresh(random io.Reader) (string, error) {
	raw := make([]byte, s.size)
	if _, err := io.ReadFull(random, raw); err != nil {
		return "", fmt.Errorf("rotation: random bytes: %w", err)
	}
	return s.text(raw), nil
}

// verifier returns the verifier that the families use for callers.
func (s *secret) verifier(source *secrets.Source, now func() time.Time) *auth.JWT {
	if s.kind == auth.KAS {
		return auth.NewKAS(source, now)
	}
	return auth.NewShell(source, now)
}

// signed returns a request signed with a secret.
func (s *secret) signed(text string, now time.Time) (*http.Request, error) {
	key, err := s.kind.StoredKey(text)
	if err != nil {
		return nil, err
	}
	token, err := auth.Sign(s.kind, key, now, time.Minute)
	if err != nil {
		return nil, err
	}
	return &http.Request{Header: http.Header{s.kind.Header(): {token}}}, nil
}
