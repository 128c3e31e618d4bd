package auth

import "net/http"

// Rejections of a personal access token, in the order of the checks (storage limit exclusions). The owner of a token may
// know the reason, so each has its own answer.
var (
	ErrNoToken = &TokenError{"missing or unknown", http.StatusUnauthorized, text{"message": "401 Unauthorized"}}
	ErrRevoked = &TokenError{"revoked", http.StatusUnauthorized, text{
		"error": "invalid_token", "error_description": "Token was revoked. You have to re-authorize from the user.",
	}}
	ErrExpired = &TokenError{"expired", http.StatusUnauthorized, text{
		"error":             "invalid_token",
		"error_description": "Token is expired. You can either do re-authorization or token refresh.",
	}}
	ErrScope = &TokenError{"scope is insufficient", http.StatusForbidden, text{
		"error":             "insufficient_scope",
		"error_description": "The request requires higher privileges than provided by the access token.",
		"scope":             "api",
	}}
	ErrBlocked = &TokenError{"user is blocked", http.StatusForbidden, text{
		"message": "403 Forbidden - Your account has been blocked.",
	}}
	ErrNoPermission = &TokenError{"user is not an administrator", http.StatusForbidden, text{"message": "403 Forbidden"}}
)

type text = map[string]string

// TokenError is the rejection of a personal access token, with the answer to the client.
type TokenError struct {
	reason string
	status int
	body   text
}

// Error returns the reason.
func (r *TokenError) Error() string { return "auth: personal access token: " + r.reason }

// Refusal returns the status and body of the answer. The body must not be changed.
func (r *TokenError) Refusal() (status int, body any) { return r.status, r.body }
