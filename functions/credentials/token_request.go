package credentials

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"postern/shared/gitlab"
	"postern/shared/httpapi"
)

const (
	longestName = 255 // characters of a token's name
	// yearDays is the maximum lifetime of a token on instances that require an expiry and set no other limit. It is also
	// the default lifetime there (internal API, personal_access_token).
	yearDays = 365
)

// tokenScopes are the valid scopes, sorted (internal API, personal_access_token).
var tokenScopes = []string{
	"api", "create_runner", "k8s_proxy", "read_api", "read_registry", "read_repository", "read_user", "write_registry",
	"write_repository",
}

// Rejections of the requested token.
var (
	noName   = &refusal{"name", "No token name specified"}
	noScopes = &refusal{"scopes", "No token scopes specified"}
	longName = &refusal{"name", fmt.Sprintf("Failed to create token: Name is too long (maximum is %d characters)", longestName)}
)

// tokenRequest describes the requested token.
type tokenRequest struct {
	name    string
	scopes  []string
	expires string // unparsed
	dated   bool
}

func decodeTokenRequest(p *httpapi.Params) tokenRequest {
	var w tokenRequest
	w.name, _ = p.Text("name")
	w.scopes = slices.Clip(distinct(p.Texts("scopes")))
	w.expires, w.dated = p.Text("expires_at")
	return w
}

// distinct drops duplicates and keeps the order.
func distinct(texts []string) []string {
	var kept []string
	for _, text := range texts {
		if !slices.Contains(kept, text) {
			kept = append(kept, text)
		}
		if len(kept) > len(tokenScopes) {
			break // one of them must be invalid
		}
	}
	return kept
}

// refuse returns the first mistake of the request, in the order of the internal API.
func (w *tokenRequest) refuse(i *gitlab.Instance, today gitlab.Date) *refusal {
	switch {
	case strings.TrimSpace(w.name) == "":
		return noName
	case strings.TrimSpace(strings.Join(w.scopes, "")) == "":
		return noScopes
	}
	for _, scope := range w.scopes {
		if !slices.Contains(tokenScopes, scope) {
			valid := strings.Join(tokenScopes, `", "`)
			return &refusal{"scope", fmt.Sprintf("Invalid scope: '%s'. Valid scopes are: [\"%s\"]", scope, valid)}
		}
	}
	if _, err := time.Parse(time.DateOnly, w.expires); w.dated && err != nil {
		return &refusal{"expires_at", fmt.Sprintf("Invalid token expiry date: '%s'", w.expires)}
	}
	if latest := latest(i, today); w.dated && latest != "" && gitlab.Date(w.expires) > latest {
		return &refusal{"lifetime", fmt.Sprintf("Failed to create token: Expiration date must be before %s", latest)}
	}
	if utf8.RuneCountInString(w.name) > longestName {
		return longName
	}
	return nil
}

// expiry returns the last valid day of the token, empty for no expiry. Without a date it is the latest day that the
// instance allows, so that an omitted date cannot bypass the limit.
func (w *tokenRequest) expiry(i *gitlab.Instance, today gitlab.Date) gitlab.Date {
	if w.dated {
		return gitlab.Date(w.expires)
	}
	return latest(i, today)
}

// latest returns the latest expiry that the instance allows, empty for no limit.
func latest(i *gitlab.Instance, today gitlab.Date) gitlab.Date {
	days := int64(yearDays)
	switch {
	case i.MaxPersonalAccessTokenLifetime != nil:
		days = *i.MaxPersonalAccessTokenLifetime
	case !i.RequirePersonalAccessTokenExpiry:
		return ""
	}
	day, err := time.Parse(time.DateOnly, string(today))
	if err != nil {
		return today
	}
	return gitlab.DateOf(day.AddDate(0, 0, int(days)))
}
