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
	longestName = 255 // letters of a token's name
	// yearDays is the longest life of a token, and the one that is given where none is asked for, on an instance that
	// wants tokens to end and sets no other (internal API, personal_access_token).
	yearDays = 365
)

// tokenScopes are what a token may be made for, sorted (internal API, personal_access_token).
var tokenScopes = []string{
	"api", "create_runner", "k8s_proxy", "read_api", "read_registry", "read_repository", "read_user", "write_registry",
	"write_repository",
}

// The refusals of what is wished.
var (
	noName   = &refusal{"name", "No token name specified"}
	noScopes = &refusal{"scopes", "No token scopes specified"}
	longName = &refusal{"name", fmt.Sprintf("Failed to create token: Name is too long (maximum is %d characters)", longestName)}
)

// wish is what kind of token somebody would like.
type wish struct {
	name    string
	scopes  []string
	expires string // as it was given
	dated   bool
}

func decodeWish(p *httpapi.Params) wish {
	var w wish
	w.name, _ = p.Text("name")
	w.scopes = slices.Clip(distinct(p.Texts("scopes")))
	w.expires, w.dated = p.Text("expires_at")
	return w
}

// distinct drops repeated texts and keeps the order.
func distinct(texts []string) []string {
	var kept []string
	for _, text := range texts {
		if !slices.Contains(kept, text) {
			kept = append(kept, text)
		}
		if len(kept) > len(tokenScopes) {
			break // one of them is none that there is
		}
	}
	return kept
}

// refuse says what is wrong with the wish, in the order of the internal API.
func (w *wish) refuse(i *gitlab.Instance, today gitlab.Date) *refusal {
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

// expiry is the last day of the token, empty for none: as wished, else the latest that the instance allows. Where it
// limits the life of tokens, leaving the date out is no way around that.
func (w *wish) expiry(i *gitlab.Instance, today gitlab.Date) gitlab.Date {
	if w.dated {
		return gitlab.Date(w.expires)
	}
	return latest(i, today)
}

// latest is the latest expiry that the instance allows, empty when it does not care.
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
