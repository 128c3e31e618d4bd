package credential

import (
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"postern/shared/gitlab"
)

const (
	saltSize   = 32 // bytes of randomness in each credential
	tokenSize  = 15 // bytes: 20 letters of base64
	codeCount  = 10
	codeSize   = 8 // bytes: 16 hexadecimal digits
	secretSize = max(tokenSize, codeCount*codeSize)
)

// Seal is what is kept of a credential that was handed out: enough to make it again for a repeat of the request that
// it was made for, given the key; not enough without.
type Seal struct {
	Salt  string `json:"salt"`  // random, in hexadecimal
	Proof string `json:"proof"` // digest of the credential, which tells the key that it was made with
}

// Mint makes credentials. Each is derived (HKDF, RFC 5869) from a key, from random bytes of its own and from the
// fingerprint of the request that it answers. So an answer that got lost can be given once more, word for word,
// although nothing that was handed out is stored.
type Mint struct {
	source KeySource
	random io.Reader
}

// NewMint returns a mint with the keys of source; random is usually crypto/rand's Reader.
func NewMint(source KeySource, random io.Reader) *Mint { return &Mint{source: source, random: random} }

// Token makes a personal access token for a request: the prefix and 20 letters (internal API, personal_access_token).
// What is kept of it beside the seal is its gitlab.TokenDigest.
func (m *Mint) Token(ctx context.Context, request, prefix string) (string, Seal, error) {
	made, seal, err := m.mint(ctx, request, token(prefix))
	return strings.Join(made, ""), seal, err
}

// TokenAgain makes the token that an earlier arrival of the request was answered with. It is an error when no key that is
// known now is the one that it was made with.
func (m *Mint) TokenAgain(ctx context.Context, request, prefix string, seal Seal) (string, error) {
	made, err := m.again(ctx, request, seal, token(prefix))
	return strings.Join(made, ""), err
}

// Codes makes ten recovery codes of 16 hexadecimal digits for a request (internal API, two_factor_recovery_codes).
func (m *Mint) Codes(ctx context.Context, request string) ([]string, Seal, error) {
	return m.mint(ctx, request, codes)
}

// CodesAgain makes the codes that an earlier arrival of the request was answered with. Its errors are those of TokenAgain.
func (m *Mint) CodesAgain(ctx context.Context, request string, seal Seal) ([]string, error) {
	return m.again(ctx, request, seal, codes)
}

// form makes what is handed out of secret bytes.
type form struct {
	purpose string
	shape   func(secret []byte) []string
}

// token is the form of a personal access token.
func token(prefix string) form {
	return form{"personal access token", func(secret []byte) []string {
		return []string{prefix, base64.RawURLEncoding.EncodeToString(secret[:tokenSize])}
	}}
}

// codes is the form of recovery codes.
var codes = form{"recovery codes", func(secret []byte) []string {
	made := make([]string, codeCount)
	for i := range made {
		made[i] = hex.EncodeToString(secret[i*codeSize : (i+1)*codeSize])
	}
	return made
}}

func (m *Mint) mint(ctx context.Context, request string, f form) ([]string, Seal, error) {
	key, err := current(ctx, m.source)
	if err != nil {
		return nil, Seal{}, err
	}
	salt := make([]byte, saltSize)
	if _, err := io.ReadFull(m.random, salt); err != nil {
		return nil, Seal{}, fmt.Errorf("credential: random bytes: %w", err)
	}
	made, err := f.derive(key, salt, request)
	if err != nil {
		return nil, Seal{}, err
	}
	return made, Seal{Salt: hex.EncodeToString(salt), Proof: proof(made)}, nil
}

// errKeyGone says that none of the keys made a credential. It is no answer for a client: another try may reach a
// process that has the key.
var errKeyGone = errors.New("credential: no key makes it again")

// again tries the keys that there are, of which one has made what the seal is of.
func (m *Mint) again(ctx context.Context, request string, seal Seal, f form) ([]string, error) {
	salt, err := hex.DecodeString(seal.Salt)
	if err != nil {
		return nil, fmt.Errorf("credential: salt: %w", err)
	}
	var made []string
	found, err := search(ctx, m.source, func(key []byte) bool {
		made, err = f.derive(key, salt, request)
		return err == nil && subtle.ConstantTimeCompare([]byte(proof(made)), []byte(seal.Proof)) == 1
	})
	switch {
	case err != nil:
		return nil, err
	case !found:
		return nil, errKeyGone
	}
	return made, nil
}

// derive makes the credential from a key. The purpose keeps one request's credentials of two kinds apart.
func (f form) derive(key, salt []byte, request string) ([]string, error) {
	secret, err := hkdf.Key(sha256.New, key, salt, f.purpose+"\x00"+request, secretSize)
	if err != nil {
		return nil, fmt.Errorf("credential: derive: %w", err)
	}
	return f.shape(secret), nil
}

// proof is a digest of all that is handed out at once.
func proof(made []string) string { return gitlab.TokenDigest(strings.Join(made, " ")) }
