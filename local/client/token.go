// Package client is how a person talks to a running local system: tokens, signed calls, directory documents. It speaks
// HTTP only, as any other client does.
package client

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"postern/local/secretfile"
	"postern/shared/auth"
)

// DefaultTTL is how long a token lives when nothing is said: as long as gitlab-shell's.
const DefaultTTL = 60 * time.Second

var errTTL = errors.New("must be a number of seconds from 1 on")

// ParseTTL reads a token's life in whole seconds; "" is DefaultTTL.
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

// Token returns a fresh JWT as the kind's owner makes it, signed with the secret in the file.
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
