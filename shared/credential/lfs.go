package credential

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"postern/shared/gitlab"
)

const (
	// backdate is how long before its issue a token becomes valid, for servers whose clock is behind.
	backdate = 5 * time.Second
	// deployKeyLogin begins the name that a deploy key goes by.
	deployKeyLogin = "lfs+deploy-key-"
)

// ErrInvalidLFSToken says that a token does not let an actor in. Why is not told.
var ErrInvalidLFSToken = errors.New("credential: LFS token is not valid")

// errNobody says that a token was asked for an actor that is neither a user nor a deploy key.
var errNobody = errors.New("credential: LFS token for nobody")

// algorithm is the only one that is accepted.
var algorithm = jwt.SigningMethodHS256

// lfsClaims are what a token says (internal API, lfs_authenticate).
type lfsClaims struct {
	Data lfsData `json:"data"`
	jwt.RegisteredClaims
}

type lfsData struct {
	Actor string `json:"actor"`
}

// LFS signs and verifies the tokens of LFS clients. The key of a signature is made of a secret and of what the actor is
// at the moment: whose SSH key changes or who is blocked has no valid token any more. It is safe for concurrent use.
type LFS struct {
	source KeySource
	now    func() time.Time
	random io.Reader
}

// NewLFS returns a signer with the keys of source; random is usually crypto/rand's Reader.
func NewLFS(source KeySource, now func() time.Time, random io.Reader) *LFS {
	return &LFS{source: source, now: now, random: random}
}

// LFSLogin returns the name that an actor logs in to an LFS server with, "" for nobody: the username, or
// "lfs+deploy-key-<id>".
func LFSLogin(a gitlab.Actor) string {
	switch {
	case a.DeployKey():
		return deployKeyLogin + strconv.FormatInt(a.Key.ID, 10)
	case a.User != nil:
		return a.User.Username
	}
	return ""
}

// ParseLFSLogin returns who logs in to an LFS server with a name: a deploy key, or the user of that name.
func ParseLFSLogin(login string) gitlab.ActorRef {
	digits, isKey := strings.CutPrefix(login, deployKeyLogin)
	if !isKey {
		return gitlab.ActorRef{Kind: gitlab.ByUsername, Login: login}
	}
	id, _ := gitlab.ParseID(digits)
	return gitlab.ActorRef{Kind: gitlab.ByKey, ID: id}
}

// Sign returns a token for the actor that is valid from five seconds ago, for ttl from now.
func (l *LFS) Sign(ctx context.Context, a gitlab.Actor, ttl time.Duration) (string, error) {
	if LFSLogin(a) == "" {
		return "", errNobody
	}
	secret, err := current(ctx, l.source)
	if err != nil {
		return "", err
	}
	id, err := l.newID()
	if err != nil {
		return "", err
	}
	now := l.now()
	claims := lfsClaims{
		Data: lfsData{Actor: LFSLogin(a)},
		RegisteredClaims: jwt.RegisteredClaims{
			ID:        id,
			IssuedAt:  jwt.NewNumericDate(now),
			NotBefore: jwt.NewNumericDate(now.Add(-backdate)),
			ExpiresAt: jwt.NewNumericDate(now.Add(ttl)),
		},
	}
	token, err := jwt.NewWithClaims(algorithm, claims).SignedString(signingKey(secret, a))
	if err != nil {
		return "", fmt.Errorf("credential: sign LFS token: %w", err)
	}
	return token, nil
}

// Verify returns which of the actors a token was signed for, as they are now. They are what the store finds for the
// login that came with the token (LoadLFSActors): a user alone and with each SSH key, or a deploy key. It returns
// ErrInvalidLFSToken when it is none of them, and another error when the keys cannot be asked for.
func (l *LFS) Verify(ctx context.Context, token string, actors []gitlab.Actor) (gitlab.Actor, error) {
	parser := jwt.NewParser(jwt.WithValidMethods([]string{algorithm.Alg()}), jwt.WithExpirationRequired(),
		jwt.WithStrictDecoding(), jwt.WithTimeFunc(l.now))
	var found gitlab.Actor
	ok, err := search(ctx, l.source, func(secret []byte) bool {
		for _, a := range actors {
			if l.mayLogIn(a) && signedFor(parser, token, secret, a) {
				found = a
				return true
			}
		}
		return false
	})
	switch {
	case err != nil:
		return gitlab.Actor{}, err
	case !ok:
		return gitlab.Actor{}, ErrInvalidLFSToken
	}
	return found, nil
}

// mayLogIn leaves out actors that no token helps. A deploy key acts without its creator.
func (l *LFS) mayLogIn(a gitlab.Actor) bool {
	if a.Key != nil && (a.Key.Expired(l.now()) || !a.Key.Authenticates()) {
		return false
	}
	return a.DeployKey() || a.User != nil && a.User.Active()
}

func signedFor(parser *jwt.Parser, token string, secret []byte, a gitlab.Actor) bool {
	var claims lfsClaims
	_, err := parser.ParseWithClaims(token, &claims, func(*jwt.Token) (any, error) { return signingKey(secret, a), nil })
	return err == nil && claims.Data.Actor == LFSLogin(a)
}

// signingKey mixes the secret with the actor: the SSH key by its id and blob, the user by id and state, so that the
// token of a key dies with the key, and that of a user who is blocked does not live on later.
func signingKey(secret []byte, a gitlab.Actor) []byte {
	mac := hmac.New(sha256.New, secret)
	part := func(name string, id gitlab.ID, text string) {
		fmt.Fprintf(mac, "%s %d %s\n", name, id, text) // a hash takes everything
	}
	part("lfs token", 0, "")
	if a.Key != nil {
		part(string(a.Key.Type), a.Key.ID, a.Key.Fingerprint)
	}
	if user := a.Person(); user != nil {
		part("user", user.ID, string(user.State))
	}
	return mac.Sum(nil)
}

// newID returns a random UUID (RFC 9562, version 4).
func (l *LFS) newID() (string, error) {
	var id [16]byte
	if _, err := io.ReadFull(l.random, id[:]); err != nil {
		return "", fmt.Errorf("credential: random bytes: %w", err)
	}
	id[6] = id[6]&0x0f | 0x40
	id[8] = id[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:]), nil
}
