package auth

import (
	"encoding/base64"
	"errors"
	"strings"
)

// Kind is a kind of caller; each has a header, an issuer and a secret of its own, and none opens another's door.
type Kind int

const (
	// Shell is gitlab-shell, gitlab-sshd and Gitaly.
	Shell Kind = iota
	// KAS is the agent server for Kubernetes.
	KAS
)

// The reasons why a secret cannot be used. They do not say what is in it.
var (
	errNoSecret  = errors.New("auth: secret is empty")
	errKASSecret = errors.New("auth: secret of kas must be base64 of exactly 32 bytes")
)

// kasKeySize is how many bytes the key of kas has.
const kasKeySize = 32

// trait is what tells kinds apart (internal API, authentication).
type trait struct {
	header   string // in its canonical form
	issuer   string
	audience string // not looked at if empty
	refusal  string // public text of a refusal, the standard one if empty
	key      func(text string) ([]byte, error)
}

var traits = [...]trait{
	Shell: {header: "Gitlab-Shell-Api-Request", issuer: "gitlab-shell", key: rawKey},
	KAS: {
		header: "Gitlab-Kas-Api-Request", issuer: "gitlab-kas", audience: "gitlab",
		refusal: "KAS JWT authentication invalid", key: base64Key,
	},
}

// Header returns the name of the header that carries the kind's token.
func (k Kind) Header() string { return traits[k].header }

// Key returns the key that a secret's text stands for: the text itself for Shell, what its base64 says for KAS; white
// space around it is dropped, because secret files end with a line feed. Its errors never quote the text.
func (k Kind) Key(text string) ([]byte, error) { return traits[k].key(strings.TrimSpace(text)) }

// StoredKey returns the key that a text in Secrets Manager stands for: as Key, and for KAS also 32 characters, which are its
// bytes. Such a text is what a stack generates, because Secrets Manager cannot generate base64; the file of kas then holds
// the base64 of it. Base64 of 32 bytes has 44 characters, so that neither is taken for the other.
func (k Kind) StoredKey(text string) ([]byte, error) {
	if text := strings.TrimSpace(text); k == KAS && len(text) == kasKeySize {
		return []byte(text), nil
	}
	return k.Key(text)
}

// rawKey takes the text as it is: it looks like hex, but nobody decodes it.
func rawKey(text string) ([]byte, error) {
	if text == "" {
		return nil, errNoSecret
	}
	return []byte(text), nil
}

// base64Key decodes strictly; the decoder passes over line feeds, so they are looked for.
func base64Key(text string) ([]byte, error) {
	key, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || len(key) != kasKeySize || strings.ContainsAny(text, "\r\n") {
		return nil, errKASSecret
	}
	return key, nil
}
