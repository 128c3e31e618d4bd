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

// OneTimeStep returns the time step of a one-time password (RFC 6238: HMAC-SHA-1, 30 s, six digits). It accepts the
// current step and the steps before and after it, because clocks differ. The secret is base32. The caller must reject used
// steps and limit the attempts.
func OneTimeStep(secret, text string, now time.Time) (step int64, ok bool) {
	key, err := decodeSecret(secret)
	if err != nil || len(key) == 0 {
		return 0, false
	}
	given, current := []byte(strings.TrimSpace(text)), now.Unix()/stepSeconds
	// All three are compared in any case, so that the duration reveals nothing.
	for _, candidate := range []int64{current - 1, current, current + 1} {
		if subtle.ConstantTimeCompare(given, []byte(oneTimePassword(key, candidate))) == 1 {
			step, ok = candidate, true
		}
	}
	return step, ok
}

// oneTimePassword returns the password of a counter (RFC 4226, section 5.3).
func oneTimePassword(key []byte, counter int64) string {
	mac := hmac.New(sha1.New, key)
	_ = binary.Write(mac, binary.BigEndian, counter) // a hash never fails
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 0xf
	number := binary.BigEndian.Uint32(sum[at:]) & 0x7fffffff
	return fmt.Sprintf("%0*d", codeDigits, number%codeLimit)
}

// decodeSecret decodes base32 in any case, with or without spaces and padding.
func decodeSecret(text string) ([]byte, error) {
	clean := strings.ToUpper(strings.TrimRight(strings.Join(strings.Fields(text), ""), "="))
	return base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(clean)
}
