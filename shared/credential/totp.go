package credential

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // the algorithm of RFC 6238 that authenticators use
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"strings"
	"time"
)

const (
	stepSeconds = 30
	codeDigits  = 6
	codeLimit   = 1_000_000 // 10 to the power of codeDigits
)

// OneTimeStep returns the time step whose one-time password a text is (RFC 6238: HMAC-SHA-1, 30 s, six digits), the
// current one or one on either side, because clocks differ and people need time to type. The secret is base32, as
// authenticators take it. ok is false when the text is none of the three. A step that was used before is for the caller to
// refuse, and so are too many attempts.
func OneTimeStep(secret, text string, now time.Time) (step int64, ok bool) {
	key, err := decodeSecret(secret)
	if err != nil || len(key) == 0 {
		return 0, false
	}
	given, current := []byte(strings.TrimSpace(text)), now.Unix()/stepSeconds
	// All three are computed and compared whatever the first ones say, so that time tells nothing.
	for _, candidate := range []int64{current - 1, current, current + 1} {
		if subtle.ConstantTimeCompare(given, []byte(oneTimePassword(key, candidate))) == 1 {
			step, ok = candidate, true
		}
	}
	return step, ok
}

// OneTimePassword returns the password that an authenticator with the secret shows at now. It is for tests and tools: this
// API only checks.
func OneTimePassword(secret string, now time.Time) (string, error) {
	key, err := decodeSecret(secret)
	if err != nil {
		return "", fmt.Errorf("credential: secret of one-time passwords: %w", err)
	}
	return oneTimePassword(key, now.Unix()/stepSeconds), nil
}

// oneTimePassword is the password of a counter (RFC 4226, section 5.3).
func oneTimePassword(key []byte, counter int64) string {
	mac := hmac.New(sha1.New, key)
	_ = binary.Write(mac, binary.BigEndian, counter) // a hash takes everything
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 0xf
	number := binary.BigEndian.Uint32(sum[at:]) & 0x7fffffff
	return fmt.Sprintf("%0*d", codeDigits, number%codeLimit)
}

// decodeSecret reads base32 as people copy it: in any letters, in groups, with padding or without.
func decodeSecret(text string) ([]byte, error) {
	clean := strings.ToUpper(strings.TrimRight(strings.Join(strings.Fields(text), ""), "="))
	return base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(clean)
}
