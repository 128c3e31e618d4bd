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

// secret is one of those that this function rotates.
type secret struct {
	name string // what people call it
	id   string // name or ARN at Secrets Manager
	kind auth.Kind
	size int // random bytes of a new text
	text func(random []byte) string
}

// ours returns the secrets whose ids are given. The texts are of the form that the callers' own installers make.
func ours(shell, kas string) []secret {
	return []secret{
		{name: "shell", id: shell, kind: auth.Shell, size: 16, text: hex.EncodeToString},
		{name: "kas", id: kas, kind: auth.KAS, size: 32, text: base64.StdEncoding.EncodeToString},
	}
}

// fresh makes a new text.
func (s *secret) fresh(random io.Reader) (string, error) {
	raw := make([]byte, s.size)
	if _, err := io.ReadFull(random, raw); err != nil {
		return "", fmt.Errorf("rotation: random bytes: %w", err)
	}
	return s.text(raw), nil
}

// verifier returns what judges callers with the keys of a source, as it does in the families.
func (s *secret) verifier(source *secrets.Source, now func() time.Time) *auth.JWT {
	if s.kind == auth.KAS {
		return auth.NewKAS(source, now)
	}
	return auth.NewShell(source, now)
}

// signed returns a request as a caller who holds a text makes it.
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
