package httpapi

import (
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"strings"
)

// longestRequestID is how long a caller's id may be to be taken over.
const longestRequestID = 255

// requestID returns the caller's correlation id, so that the logs of both sides meet, or a fresh one where it is
// missing or could be anything else than an id.
func (s *service) requestID(r *http.Request) string {
	if given := callerID(r); given != "" {
		return given
	}
	return s.NewRequestID()
}

// callerID returns the id that the caller gave, "" when it gave none that can be taken over.
func callerID(r *http.Request) string {
	if given := r.Header["X-Request-Id"]; len(given) == 1 && wellFormedID(given[0]) {
		return given[0]
	}
	return ""
}

// wellFormedID accepts what correlation ids are made of and nothing that has a meaning in headers, logs or HTML.
func wellFormedID(id string) bool {
	if id == "" || len(id) > longestRequestID {
		return false
	}
	for i := range len(id) {
		if !idLetter(id[i]) {
			return false
		}
	}
	return true
}

func idLetter(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("._:/+=@-", c) >= 0
}

// randomID returns 128 random bits as 32 hex digits.
func randomID() string {
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails
	return hex.EncodeToString(id[:])
}
