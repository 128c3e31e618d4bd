package httpapi

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// Fingerprint identifies a request: its id, its route, the token in the header of that name and all that it says, as one
// digest. gitlab-shell sends a request again word for word when the answer got lost, so a repeat has the same fingerprint.
// No other request has it: a request that brings no id of its own gets one that nobody else has.
func (p *Params) Fingerprint(tokenHeader string) (string, error) {
	values, err := json.Marshal(p.values) // sorted by name
	if err != nil {
		return "", fmt.Errorf("fingerprint: %w", err)
	}
	digest := sha256.New()
	for _, part := range []string{p.origin, p.header.Get(tokenHeader), string(values)} {
		fmt.Fprintf(digest, "%d %s\n", len(part), part) // a hash takes everything
	}
	return hex.EncodeToString(digest.Sum(nil)), nil
}
