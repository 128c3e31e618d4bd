package auth

import (
	"encoding/base64"
	"errors"
	"strings"
)

// Kind is a kind of caller. Each kind has its own header, issuer and secret.
type Kind int

const (
	// Shell is gitlab-shell, gitlab-sshd and Gitaly.
	Shell Kind = iota
	// KAS is the agent server for Kubernetes.
	KAS
)

// Errors for unusable secrets. They do not quote the secret.
var (
	errNoSecret  = errors.New("auth: secret is empty")
	errKASSecret = errors.New("auth: secret of kas must be base64 of exactly 32 bytes")
)

// kasKeySize is the size of the key of kas in bytes.
const kasKeySize = 32

// trait has the differences between the kinds (internal API, authentication).
type trait struct {
	header   string // in canonical form
	issuer   string
	audience string // ignored if empty
	refusal  string // public text of a rejection, empty for the standard one
	key      func(text string) ([]byte, error)
}

var traits = [...]trait{
	Shell: {header: "Gitlab-Shell-Api-Request", issuer: "gitlab-shell", key: rawKey},
	KAS: {
		header: "Gitlab-Kas-Api-Request", issuer: "gitlab-kas", audience: "gitlab",
		refusal: "KAS JWT authentication invalid", key: base64Key,
	},
}

// Header returns the name of the header with the kind's token.
func (k Kind) Header() string { return traits[k].header }

// Key parses the key from a secret's text: the text itself for Shell, its base64 value for KAS. Surrounding white space is
// dropped, because secret files end with a line feed. Its errors never quote the text.
func (k Kind) Key(text string) ([]byte, error) { return traits[k].key(strings.TrimSpace(text)) }

// StoredKey parses a key from Secrets Manager. Beside the format of Key, KAS also accepts 32 plain characters: stacks
// generate such secrets, because Secrets Manager cannot generate base64. The file of kas then holds their base64. The two
// formats have different lengths, 32 and 44.
func (k Kind) StoredKey(text string) ([]byte, error) {
	if text := strings.TrimSpace(text); k == KAS && len(text) == kasKeySize {
		return []byte(text), nil
	}
	return k.Key(text)
}

// rawKey uses the text as it is. It may look like hex but is not decoded.
func rawKey(text string) ([]byte, error) {
	if text == "" {
		return nil, errNoSecret
	}
	return []byte(text), nil
}

// base64Key decodes strictly. The decoder ignores line feeds, so they are rejected here.
func base64Key(text string) ([]byte, error) {
	key, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || len(key) != kasKeySize || strings.ContainsAny(text, "\r\n") {
		return nil, errKASSecret
	}
	return key, nil
}
