// Package client is a person's client of a running local system: tokens, signed calls, directory documents. It uses HTTP only, as
// any other client does.
package client

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"postern/local/secretfile"
	"postern/shared/auth"
)

// DefaultTTL is the lifetime of gitlab-shell's tokens.
const DefaultTTL = 60 * time.Second

var errTTL = errors.New("must be a number of seconds from 1 on")

// ParseTTL parses a token's lifetime in whole seconds. "" is DefaultTTL.
func ParseTTL(text string) (time.Duration, error) {
	if text == "" {
		return DefaultTTL, nil
	}
	seconds, err := strconv.ParseUint(text, 10, 31)
	if err != nil || seconds == 0 {
		return 0, fmt.Errorf("TTL=%s: %w", text, errTTL)
	}
	return time.Duration(seconds) * time.Second, nil
}

// Token returns a new JWT in the form of the kind's owner, signed with the secret in the file.
func Token(kind auth.Kind, file string, now time.Time, ttl time.Duration) (string, error) {
	key, err := secretfile.Key(kind, file)
	if err != nil {
		return "", err
	}
	token, err := auth.Sign(kind, key, now, ttl)
	if err != nil {
		return "", fmt.Errorf("sign a token: %w", err)
	}
	return token, nil
}
