package auth

import (
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// kasBackdate is the time between the validity and the issue of a token of kas.
const kasBackdate = 5 * time.Second

// Sign returns a token like those of the kind's callers, valid for ttl plus the leeway. Only tests and the local tool use
// it.
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
