package auth

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const (
	// leeway is the tolerated difference between clocks (internal API, authentication).
	leeway = time.Minute
	// longestToken limits tokens in bytes. Real ones have less than 300.
	longestToken = 8 << 10
)

// algorithm is the only accepted signing algorithm.
var algorithm = jwt.SigningMethodHS256

// Reasons to reject a token before parsing. They are logged only.
var (
	errNoToken   = errors.New("no token")
	errTooLong   = errors.New("token is longer than 8 KB")
	errManyToken = errors.New("more than one token")
)

// KeySource provides the verification keys: the current one and a few older or newer ones.
type KeySource interface {
	// Keys returns the known keys. It is called for each request and must be cheap.
	Keys(ctx context.Context) ([][]byte, error)
	// Refetch fetches newer keys, at most once in a short time. It returns the keys and whether they changed. Concurrent
	// calls share one fetch.
	Refetch(ctx context.Context) (keys [][]byte, changed bool, err error)
}

// JWT verifies the tokens of one Kind. It is safe for concurrent use.
type JWT struct {
	trait  *trait
	source KeySource
	parser *jwt.Parser
}

// NewShell returns a verifier for the tokens of gitlab-shell and Gitaly.
func NewShell(source KeySource, now func() time.Time) *JWT { return newJWT(Shell, source, now) }

// NewKAS returns a verifier for the tokens of kas.
func NewKAS(source KeySource, now func() time.Time) *JWT { return newJWT(KAS, source, now) }

// newJWT sets the rules for a kind (internal API, authentication). The issue time is ignored, because clocks differ and
// current GitLab servers ignore it as well.
func newJWT(kind Kind, source KeySource, now func() time.Time) *JWT {
	t := &traits[kind]
	options := []jwt.ParserOption{
		jwt.WithValidMethods([]string{algorithm.Alg()}),
		jwt.WithIssuer(t.issuer),
		jwt.WithLeeway(leeway),
		jwt.WithExpirationRequired(), // all clients send exp; without it a token would never expire
		jwt.WithStrictDecoding(),
		jwt.WithTimeFunc(now),
	}
	if t.audience != "" {
		options = append(options, jwt.WithAudience(t.audience))
	}
	return &JWT{trait: t, source: source, parser: jwt.NewParser(options...)}
}

// Authenticate returns nil for a valid token. Its errors have the reason for the log and a PublicText for the caller.
func (v *JWT) Authenticate(ctx context.Context, r *http.Request) error {
	token, err := v.token(r)
	if err != nil {
		return v.refuse(err)
	}
	keys, err := v.source.Keys(ctx)
	if err != nil {
		return v.refuse(err)
	}
	err = v.verify(token, keys)
	if errors.Is(err, errUnexplained) {
		err = v.retry(ctx, token, keys)
	}
	if err != nil {
		return v.refuse(err)
	}
	return nil
}

// token returns the request's token. It rejects a token that is too long or not the only one without parsing it.
func (v *JWT) token(r *http.Request) (string, error) {
	values := r.Header[v.trait.header]
	switch {
	case len(values) == 0 || len(values) == 1 && values[0] == "":
		return "", errNoToken
	case len(values) > 1:
		return "", errManyToken
	case len(values[0]) > longestToken:
		return "", errTooLong
	}
	return values[0], nil
}

// retry verifies the token with newer keys, if there are any.
func (v *JWT) retry(ctx context.Context, token string, tried [][]byte) error {
	keys, changed, err := v.source.Refetch(ctx)
	if err != nil {
		return fmt.Errorf("%w; no newer key: %w", errUnexplained, err)
	}
	// Another request may have fetched the keys since the first try, so changed alone does not suffice.
	if !changed && slices.EqualFunc(keys, tried, bytes.Equal) {
		return errUnexplained
	}
	return v.verify(token, keys)
}

// errUnexplained reports a well-formed token that none of the keys signed.
var errUnexplained = errors.New("no key explains the signature")

// verify checks a token's signature in constant time, and its claims.
func (v *JWT) verify(token string, keys [][]byte) error {
	candidates := jwt.VerificationKeySet{Keys: make([]jwt.VerificationKey, len(keys))}
	for i, key := range keys {
		candidates.Keys[i] = key
	}
	keyed := false // the parser takes the keys only for a valid form and algorithm
	_, err := v.parser.ParseWithClaims(token, &jwt.RegisteredClaims{}, func(*jwt.Token) (any, error) {
		keyed = true
		return candidates, nil
	})
	if keyed && errors.Is(err, jwt.ErrTokenSignatureInvalid) {
		return errUnexplained
	}
	return err
}

func (v *JWT) refuse(cause error) error {
	return &refusal{kind: v.trait.issuer, text: v.trait.refusal, cause: cause}
}

// refusal is the rejection of a request.
type refusal struct {
	kind  string
	text  string
	cause error
}

// Error names the kind of caller and the reason.
func (r *refusal) Error() string { return "auth: " + r.kind + ": " + r.cause.Error() }

func (r *refusal) Unwrap() error { return r.cause }

// PublicText returns the message for the caller, empty for the standard one.
func (r *refusal) PublicText() string { return r.text }
