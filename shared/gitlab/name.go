package gitlab

import (
	"regexp"
	"strings"
	"unicode"
)

var (
	segment    = regexp.MustCompile(`^[A-Za-z0-9_.][A-Za-z0-9_.-]*$`)
	notSegment = regexp.MustCompile(`[^A-Za-z0-9_.-]`)
)

// The longest names, in bytes.
const (
	maxUsername = 255
	maxEmail    = 255
)

// SegmentForm reports whether a text can be a username or the path of a group or project.
func SegmentForm(s string) bool {
	lower := strings.ToLower(s)
	return segment.MatchString(s) && strings.Trim(s, ".") != "" && !strings.HasSuffix(s, ".") &&
		!strings.HasSuffix(lower, ".git") && !strings.HasSuffix(lower, ".atom")
}

// EmailForm reports whether a text looks like an e-mail address; whether it is one shows when it is used.
func EmailForm(s string) bool {
	local, host, ok := strings.Cut(s, "@")
	return ok && local != "" && host != "" && len(s) <= maxEmail &&
		!strings.ContainsFunc(s, notInEmail) && !strings.Contains(host, "@")
}

// notInEmail are characters that would let one text name several addresses, or none.
func notInEmail(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune("<>,;", r)
}

// EmailDomain reports whether an address is in one of the domains, whose names have no case.
func EmailDomain(address string, domains []string) bool {
	host := address[strings.LastIndexByte(address, '@')+1:]
	for _, domain := range domains {
		if strings.EqualFold(host, domain) {
			return true
		}
	}
	return false
}

// CleanUsername converts the username of an identity provider, which is often an address. It keeps the part before the "@",
// without the characters and endings that usernames cannot have (SCIM, create). It leaves room for a number of ten digits. An
// empty result becomes "blank".
func CleanUsername(s string) string {
	s, _, _ = strings.Cut(s, "@")
	s = strings.TrimLeft(notSegment.ReplaceAllString(s, ""), "-")
	if most := maxUsername - 10; len(s) > most {
		s = s[:most]
	}
	for before := ""; before != s; {
		before = s
		for _, ending := range []string{".", ".git", ".atom"} {
			if n := len(s) - len(ending); n >= 0 && strings.EqualFold(s[n:], ending) {
				s = s[:n]
			}
		}
	}
	if s == "" {
		return "blank"
	}
	return s
}
