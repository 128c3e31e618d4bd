package apitest

import (
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"postern/shared/auth"
)

// Token returns a new JWT of gitlab-shell.
func Token(t testing.TB) string {
	t.Helper()
	token, err := auth.Sign(auth.Shell, []byte(Secret), time.Now(), time.Minute)
	if err != nil {
		t.Fatalf("sign: %v", err)
	}
	return token
}

// KASToken returns a new JWT of kas.
func KASToken(t testing.TB) string {
	t.Helper()
	token, err := auth.Sign(auth.KAS, []byte(Secret), time.Now(), time.Minute)
	if err != nil {
		t.Fatalf("sign: %v", err)
	}
	return token
}

// SignClaims signs any claims with any algorithm; "none" needs no secret.
func SignClaims(t testing.TB, algorithm, secret string, claims map[string]any) string {
	t.Helper()
	var key any = []byte(secret)
	if algorithm == "none" {
		key = jwt.UnsafeAllowNoneSignatureType
	}
	token, err := jwt.NewWithClaims(jwt.GetSigningMethod(algorithm), jwt.MapClaims(claims)).SignedString(key)
	if err != nil {
		t.Fatalf("sign: %v", err)
	}
	return token
}
