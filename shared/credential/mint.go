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

// Seal is the stored part of a credential. With the key it recreates the credential for a repeated request; without the
// key it reveals nothing.
type Seal struct {
	Salt  string `json:"salt"`  // random, in hexadecimal
	Proof string `json:"proof"` // digest of the credential, which identifies its key
}

// Mint creates credentials. Each is derived (HKDF, RFC 5869) from a key, a random salt and the fingerprint of its request.
// A repeated request therefore gets the same answer, although no credential is stored.
type Mint struct {
	source KeySource
	random io.Reader
}

// NewMint returns a mint; random is usually crypto/rand's Reader.
func NewMint(source KeySource, random io.Reader) *Mint { return &Mint{source: source, random: random} }

// Token creates a personal access token: the prefix and 20 characters (internal API, personal_access_token). The caller
// stores its seal and its gitlab.TokenDigest.
func (m *Mint) Token(ctx context.Context, request, prefix string) (string, Seal, error) {
	created, seal, err := m.mint(ctx, request, token(prefix))
	return strings.Join(created, ""), seal, err
}

// RepeatToken recreates the token of a repeated request. It fails if the original key is no longer available.
func (m *Mint) RepeatToken(ctx context.Context, request, prefix string, seal Seal) (string, error) {
	created, err := m.again(ctx, request, seal, token(prefix))
	return strings.Join(created, ""), err
}

// Codes creates ten recovery codes of 16 hexadecimal digits (internal API, two_factor_recovery_codes).
func (m *Mint) Codes(ctx context.Context, request string) ([]string, Seal, error) {
	return m.mint(ctx, request, codes)
}

// RepeatCodes recreates the codes of a repeated request. It fails like RepeatToken.
func (m *Mint) RepeatCodes(ctx context.Context, request string, seal Seal) ([]string, error) {
	return m.again(ctx, request, seal, codes)
}

// form formats secret bytes as a credential.
type form struct {
	purpose string
	shape   func(secret []byte) []string
}

// token is the form of personal access tokens.
func token(prefix string) form {
	return form{"personal access token", func(secret []byte) []string {
		return []string{prefix, base64.RawURLEncoding.EncodeToString(secret[:tokenSize])}
	}}
}

var codes = form{"recovery codes", func(secret []byte) []string {
	created := make([]string, codeCount)
	for i := range created {
		created[i] = hex.EncodeToString(secret[i*codeSize : (i+1)*codeSize])
	}
	return created
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
	created, err := f.derive(key, salt, request)
	if err != nil {
		return nil, Seal{}, err
	}
	return created, Seal{Salt: hex.EncodeToString(salt), Proof: proof(created)}, nil
}

// errKeyGone reports that no known key created the credential. It is a server error, because a retry may reach a process
// with the key.
var errKeyGone = errors.New("credential: no known key created it")

// again finds the key of the seal and derives the credential from it.
func (m *Mint) again(ctx context.Context, request string, seal Seal, f form) ([]string, error) {
	salt, err := hex.DecodeString(seal.Salt)
	if err != nil {
		return nil, fmt.Errorf("credential: salt: %w", err)
	}
	var created []string
	found, err := search(ctx, m.source, func(key []byte) bool {
		created, err = f.derive(key, salt, request)
		return err == nil && subtle.ConstantTimeCompare([]byte(proof(created)), []byte(seal.Proof)) == 1
	})
	switch {
	case err != nil:
		return nil, err
	case !found:
		return nil, errKeyGone
	}
	return created, nil
}

// derive derives the credential from a key. The purpose separates different kinds of credentials of the same request.
func (f form) derive(key, salt []byte, request string) ([]string, error) {
	secret, err := hkdf.Key(sha256.New, key, salt, f.purpose+"\x00"+request, secretSize)
	if err != nil {
		return nil, fmt.Errorf("credential: derive: %w", err)
	}
	return f.shape(secret), nil
}

// proof is the digest of a whole credential.
func proof(created []string) string { return gitlab.TokenDigest(strings.Join(created, " ")) }
