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
	// leeway is how far the clocks of two machines may be apart (internal API, authentication).
	leeway = time.Minute
	// longestToken is the bytes of a token that is looked at; real ones have under 300.
	longestToken = 8 << 10
)

// algorithm is the only one that is accepted.
var algorithm = jwt.SigningMethodHS256

// Why a request is refused. The caller is told none of it.
var (
	errNoToken   = errors.New("no token")
	errTooLong   = errors.New("token is longer than 8 KB")
	errManyToken = errors.New("more than one token")
)

// KeySource has the keys that verify tokens, at most a few: the current one and those that are on their way out.
type KeySource interface {
	// Keys returns the keys as known. It is called for each request and must be cheap.
	Keys(ctx context.Context) ([][]byte, error)
	// Refetch asks for newer keys, unless it did a moment ago. It returns the keys and whether it found others than
	// before. Concurrent calls share one question.
	Refetch(ctx context.Context) (keys [][]byte, changed bool, err error)
}

// JWT verifies the tokens of one kind of caller. It is safe for concurrent use.
type JWT struct {
	trait  *trait
	source KeySource
	parser *jwt.Parser
}

// NewShell returns a verifier for the tokens of gitlab-shell and Gitaly.
func NewShell(source KeySource, now func() time.Time) *JWT { return newJWT(Shell, source, now) }

// NewKAS returns a verifier for the tokens of kas.
func NewKAS(source KeySource, now func() time.Time) *JWT { return newJWT(KAS, source, now) }

// newJWT sets the rules of a kind (internal API, authentication). An issue time is never judged: clocks differ, and
// current servers do not look at it either.
func newJWT(kind Kind, source KeySource, now func() time.Time) *JWT {
	t := &traits[kind]
	options := []jwt.ParserOption{
		jwt.WithValidMethods([]string{algorithm.Alg()}),
		jwt.WithIssuer(t.issuer),
		jwt.WithLeeway(leeway),
		jwt.WithExpirationRequired(), // all clients send exp; a token without would be good forever
		jwt.WithStrictDecoding(),
		jwt.WithTimeFunc(now),
	}
	if t.audience != "" {
		options = append(options, jwt.WithAudience(t.audience))
	}
	return &JWT{trait: t, source: source, parser: jwt.NewParser(options...)}
}

// Authenticate returns nil when the request has a valid token. Its errors say why not, for the log only; their
// PublicText is what the caller may read.
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

// token returns the request's token. What is too long or not the only one is refused unparsed.
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

// retry looks whether there are newer keys than those that did not explain the signature, and whether they do.
func (v *JWT) retry(ctx context.Context, token string, tried [][]byte) error {
	keys, changed, err := v.source.Refetch(ctx)
	if err != nil {
		return fmt.Errorf("%w; no newer key: %w", errUnexplained, err)
	}
	// Another request may have fetched them since the first try, so changed alone does not tell.
	if !changed && slices.EqualFunc(keys, tried, bytes.Equal) {
		return errUnexplained
	}
	return v.verify(token, keys)
}

// errUnexplained says that a token is one of the right form, but none of the keys signed it.
var errUnexplained = errors.New("no key explains the signature")

// verify checks a token's signature in constant time, and its claims.
func (v *JWT) verify(token string, keys [][]byte) error {
	candidates := jwt.VerificationKeySet{Keys: make([]jwt.VerificationKey, len(keys))}
	for i, key := range keys {
		candidates.Keys[i] = key
	}
	asked := false // the keys are asked for only when form and algorithm are right
	_, err := v.parser.ParseWithClaims(token, &jwt.RegisteredClaims{}, func(*jwt.Token) (any, error) {
		asked = true
		return candidates, nil
	})
	if asked && errors.Is(err, jwt.ErrTokenSignatureInvalid) {
		return errUnexplained
	}
	return err
}

func (v *JWT) refuse(cause error) error {
	return &refusal{kind: v.trait.issuer, text: v.trait.refusal, cause: cause}
}

// refusal is why a request is not let in.
type refusal struct {
	kind  string
	text  string
	cause error
}

// Error says whose token it should have been and what is wrong with it.
func (r *refusal) Error() string { return "auth: " + r.kind + ": " + r.cause.Error() }

// Unwrap returns what is wrong.
func (r *refusal) Unwrap() error { return r.cause }

// PublicText returns what the caller is told, empty for the standard text.
func (r *refusal) PublicText() string { return r.text }
