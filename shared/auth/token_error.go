package auth

import "net/http"

// Why a personal access token does not let in an administrator, in the order of the checks (storage limit exclusions).
// Whoever shows one may know why, so each has an answer of its own.
var (
	ErrNoToken = &TokenError{"none, or unknown", http.StatusUnauthorized, text{"message": "401 Unauthorized"}}
	ErrRevoked = &TokenError{"revoked", http.StatusUnauthorized, text{
		"error": "invalid_token", "error_description": "Token was revoked. You have to re-authorize from the user.",
	}}
	ErrExpired = &TokenError{"expired", http.StatusUnauthorized, text{
		"error":             "invalid_token",
		"error_description": "Token is expired. You can either do re-authorization or token refresh.",
	}}
	ErrScope = &TokenError{"not for this", http.StatusForbidden, text{
		"error":             "insufficient_scope",
		"error_description": "The request requires higher privileges than provided by the access token.",
		"scope":             "api",
	}}
	ErrBlocked = &TokenError{"of a user who may not act", http.StatusForbidden, text{
		"message": "403 Forbidden - Your account has been blocked.",
	}}
	ErrNoPermission = &TokenError{"of no administrator", http.StatusForbidden, text{"message": "403 Forbidden"}}
)

type text = map[string]string

// TokenError is why a personal access token does not let in, and what whoever has shown it is answered.
type TokenError struct {
	reason string
	status int
	body   text
}

// Error says what is wrong with the token.
func (r *TokenError) Error() string { return "auth: personal access token: " + r.reason }

// Refusal returns the status and the body of the answer. The body must not be changed.
func (r *TokenError) Refusal() (status int, body any) { return r.status, r.body }
