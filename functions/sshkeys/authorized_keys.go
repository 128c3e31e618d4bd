package sshkeys

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
	"unicode"

	"postern/shared/gitlab"
	"postern/shared/httpapi"
	"postern/shared/requestlog"
	"postern/shared/store/lookup"
	"postern/shared/table"
)

// timestamp is the API's time format: UTC with milliseconds.
const timestamp = "2006-01-02T15:04:05.000Z"

// authorizedKey is a key in the format of gitlab-shell.
type authorizedKey struct {
	ID        gitlab.ID        `json:"id"`
	Title     string           `json:"title"`
	Key       string           `json:"key"`
	CreatedAt string           `json:"created_at"`
	ExpiresAt *string          `json:"expires_at"`
	UsageType gitlab.UsageType `json:"usage_type"`
}

// authorizedKeys finds a personal or deploy key by its blob, even if it has expired or its owner is blocked (internal API,
// authorized_keys).
func (h *handler) authorizedKeys(ctx context.Context, p *httpapi.Params) (httpapi.Response, error) {
	blob, given := p.Text("key")
	if err := p.Err(); err != nil {
		return httpapi.Response{}, err
	}
	if !given {
		return httpapi.Response{}, httpapi.Missing("key")
	}
	found, err := h.store.LoadKeyByFingerprint(ctx, fingerprint(blob))
	if errors.Is(err, table.ErrNotFound) {
		return httpapi.Response{}, httpapi.NotFound("Key")
	}
	if err != nil {
		return httpapi.Response{}, err
	}
	requestlog.From(ctx).SetActor(gitlab.ActorRef{Kind: gitlab.ByKey, ID: found.Key.ID}.String())
	return httpapi.Response{Body: present(&found)}, nil
}

// present formats the key and replaces its comment.
func present(found *lookup.AuthorizedKey) authorizedKey {
	key := found.Key
	body := authorizedKey{
		ID:        key.ID,
		Title:     key.Title,
		Key:       withComment(key.Text, found.Owner, found.Settings.Host()),
		CreatedAt: key.CreatedAt.UTC().Format(timestamp),
		UsageType: key.UsageType,
	}
	if body.UsageType == "" { // not stored for deploy keys
		body.UsageType = gitlab.UsageAuthAndSigning
	}
	if key.ExpiresAt != nil {
		at := key.ExpiresAt.UTC().Format(timestamp)
		body.ExpiresAt = &at
	}
	return body
}

// withComment returns an authorized_keys line with the owner's name and the instance's host as comment. Line breaks are
// removed from the name, because sshd would read a second line as another key.
func withComment(line string, owner *gitlab.User, host string) string {
	fields := strings.Fields(line)
	key := strings.Join(fields[:min(2, len(fields))], " ")
	if owner == nil {
		return key + " (" + host + ")"
	}
	return key + " " + strings.Map(printable, owner.Name) + " (" + host + ")"
}

// printable removes control characters and line separators.
func printable(r rune) rune {
	if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
		return -1
	}
	return r
}

// fingerprint returns the SHA-256 of a key's blob in base64 without padding. The blob is decoded leniently: other
// characters are ignored, and a space stands for an unescaped "+".
func fingerprint(encoded string) string {
	clean := strings.TrimRight(strings.Map(base64Letter, encoded), "=")
	// A single last character encodes no byte.
	if len(clean)%4 == 1 {
		clean = clean[:len(clean)-1]
	}
	blob, err := base64.RawStdEncoding.DecodeString(clean)
	if err != nil {
		blob = nil
	}
	sum := sha256.Sum256(blob)
	return base64.RawStdEncoding.EncodeToString(sum[:])
}

// base64Letter keeps the characters of base64.
func base64Letter(r rune) rune {
	switch {
	case r == ' ':
		return '+'
	case 'A' <= r && r <= 'Z', 'a' <= r && r <= 'z', '0' <= r && r <= '9', r == '+', r == '/':
		return r
	}
	return -1
}
