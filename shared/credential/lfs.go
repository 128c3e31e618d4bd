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
	// backdate is the time between a token's validity and its issue, for servers with a slow clock.
	backdate = 5 * time.Second
	// deployKeyLogin is the prefix of a deploy key's login.
	deployKeyLogin = "lfs+deploy-key-"
)

// ErrInvalidLFSToken rejects a token without a reason.
var ErrInvalidLFSToken = errors.New("credential: LFS token is not valid")

// errNoActor rejects a token for an actor that is neither a user nor a deploy key.
var errNoActor = errors.New("credential: LFS token needs a user or deploy key")

// algorithm is the only accepted signing algorithm.
var algorithm = jwt.SigningMethodHS256

// lfsClaims are the claims of a token (internal API, lfs_authenticate).
type lfsClaims struct {
	Data lfsData `json:"data"`
	jwt.RegisteredClaims
}

type lfsData struct {
	Actor string `json:"actor"`
}

// LFS signs and verifies the tokens of LFS clients. The signing key depends on the secret and on the actor's state. A
// token therefore becomes invalid when the SSH key changes or the user is blocked. LFS is safe for concurrent use.
type LFS struct {
	source KeySource
	now    func() time.Time
	random io.Reader
}

// NewLFS returns a signer; random is usually crypto/rand's Reader.
func NewLFS(source KeySource, now func() time.Time, random io.Reader) *LFS {
	return &LFS{source: source, now: now, random: random}
}

// LFSLogin returns the actor's login at an LFS server: the username, or "lfs+deploy-key-<id>". It is "" for an anonymous
// actor.
func LFSLogin(a gitlab.Actor) string {
	switch {
	case a.DeployKey():
		return deployKeyLogin + strconv.FormatInt(a.Key.ID, 10)
	case a.User != nil:
		return a.User.Username
	}
	return ""
}

// ParseLFSLogin parses a login into a deploy key or a username.
func ParseLFSLogin(login string) gitlab.ActorRef {
	digits, isKey := strings.CutPrefix(login, deployKeyLogin)
	if !isKey {
		return gitlab.ActorRef{Kind: gitlab.ByUsername, Login: login}
	}
	id, _ := gitlab.ParseID(digits)
	return gitlab.ActorRef{Kind: gitlab.ByKey, ID: id}
}

// Sign returns a token for the actor, valid for ttl and since five seconds ago.
func (l *LFS) Sign(ctx context.Context, a gitlab.Actor, ttl time.Duration) (string, error) {
	if LFSLogin(a) == "" {
		return "", errNoActor
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

// Verify returns the actor of a token. The actors are those that the store finds for the login (LoadLFSActors): a user
// alone and with each SSH key, or a deploy key. It returns ErrInvalidLFSToken if none of them matches, and another error
// if the keys are unavailable.
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

// mayLogIn rejects blocked users and unusable keys. A deploy key does not need its creator.
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

// signingKey mixes the secret with the actor's state: the SSH key's id and fingerprint, and the user's id and state.
func signingKey(secret []byte, a gitlab.Actor) []byte {
	mac := hmac.New(sha256.New, secret)
	part := func(name string, id gitlab.ID, text string) {
		fmt.Fprintf(mac, "%s %d %s\n", name, id, text) // a hash never fails
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

func (l *LFS) newID() (string, error) {
	var id [16]byte
	if _, err := io.ReadFull(l.random, id[:]); err != nil {
		return "", fmt.Errorf("credential: random bytes: %w", err)
	}
	id[6] = id[6]&0x0f | 0x40
	id[8] = id[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:]), nil
}
