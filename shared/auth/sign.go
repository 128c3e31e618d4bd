package auth

import (
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// kasBackdate is how long before its issue a token of kas becomes valid, as kas does it.
const kasBackdate = 5 * time.Second

// Sign returns a token as callers of the kind make it, valid from now for ttl (and the leeway). It is for tests and
// for the local tool: this API itself signs nothing.
func Sign(kind Kind, key []byte, now time.Time, ttl time.Duration) (string, error) {
	claims := jwt.RegisteredClaims{
		Issuer:    traits[kind].issuer,
		IssuedAt:  jwt.NewNumericDate(now),
		ExpiresAt: jwt.NewNumericDate(now.Add(ttl)),
	}
	if kind == KAS {
		claims.Audience = jwt.ClaimStrings{traits[kind].audience}
		claims.NotBefore = jwt.NewNumericDate(now.Add(-kasBackdate))
	}
	token, err := jwt.NewWithClaims(algorithm, claims).SignedString(key)
	if err != nil {
		return "", fmt.Errorf("auth: sign: %w", err)
	}
	return token, nil
}
