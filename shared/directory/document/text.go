package document

import (
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"postern/shared/gitlab"
)

// Limits are how many bytes a text may have where that differs from the usual.
var Limits = map[string]int{
	"Key.key":                      16 << 10,
	"deployKey.key":                16 << 10,
	"certificate.key":              16 << 10,
	"SecurityPolicy.yaml":          256 << 10,
	"Broadcast.message":            10 << 10,
	"User.username":                255,
	"Namespace.path":               255,
	"Project.path":                 255,
	"User.email":                   255,
	"StorageLimitExclusion.reason": 255,
}

// usualLimit is how many bytes a text may have.
const usualLimit = 1000

// Shapes check what texts look like; they return what is wrong, "" when nothing is.
var Shapes = map[string]func(string) string{
	"Instance.url":                    checkURL,
	"Namespace.saml_sso_url":          checkURL,
	"Namespace.path":                  checkSegment,
	"Namespace.redirects":             checkPath,
	"Namespace.ip_ranges":             checkRange,
	"Namespace.allowed_email_domains": checkDomain,
	"Namespace.verified_domains":      checkDomain,
	"User.username":                   checkSegment,
	"User.email":                      checkEmail,
	"Project.path":                    checkSegment,
	"Project.redirects":               checkPath,
	"Project.default_branch":          checkBranch,
	"Snippet.default_branch":          checkBranch,
	"MergeRequest.source_branch":      checkBranch,
	"MergeRequest.target_branch":      checkBranch,
	"Ref.ref":                         checkRef,
	"Ref.target":                      checkObjectID,
	"Storage.address":                 checkAddress,
	"certificate.fingerprint":         checkFingerprint,
}

var (
	objectID    = regexp.MustCompile(`^([0-9a-f]{40}|[0-9a-f]{64})$`)
	tokenDigest = regexp.MustCompile(`^[0-9a-f]{64}$`)
	fingerprint = regexp.MustCompile(`^[A-Za-z0-9+/]{43}$`)
	domain      = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$`)
)

// CheckText returns what is wrong with a text, "" when nothing is.
func CheckText(rule, s string) string {
	limit, ok := Limits[rule]
	if !ok {
		limit = usualLimit
	}
	if rule == "MergeRequest.title" { // counted in characters, as for push options
		return gitlab.TitleProblem(s)
	}
	switch allowed, listed := Texts[rule]; {
	// Before anything looks at the text: a check's cost must not be the document's to choose.
	case len(s) > limit:
		return fmt.Sprintf("is too long (maximum is %d bytes)", limit)
	// Keys of the table must be UTF-8, and a zero byte, which JSON may carry as an escape, parts texts in digests.
	case !utf8.ValidString(s) || strings.ContainsRune(s, 0):
		return "must be text"
	case listed && !slices.Contains(allowed, s):
		return `must be one of ` + strings.Join(quoted(allowed), ", ")
	}
	if check := Shapes[rule]; check != nil {
		return check(s)
	}
	return ""
}

// quoted shows the empty text as such.
func quoted(list []string) []string {
	shown := make([]string, len(list))
	for i, s := range list {
		shown[i] = s
		if s == "" {
			shown[i] = `""`
		}
	}
	return shown
}

// checkSegment holds what usernames and the paths of groups and projects have in common.
func checkSegment(s string) string {
	if !gitlab.SegmentForm(s) {
		return "can contain only letters, digits, '_', '-' and '.', and can't start with '-' or end in '.', '.git' or '.atom'"
	}
	return ""
}

// checkPath holds each segment of a full path to the rules of segments.
func checkPath(s string) string {
	for part := range strings.SplitSeq(s, "/") {
		if wrong := checkSegment(part); wrong != "" {
			return "must be a full path such as group/project"
		}
	}
	return ""
}

// checkEmail only asks for what looks like an address; whether it is one shows when it is used.
func checkEmail(s string) string {
	if !gitlab.EmailForm(s) {
		return "must be an e-mail address"
	}
	return ""
}

// checkDomain takes the names of domains, without the @.
func checkDomain(s string) string {
	if !domain.MatchString(s) {
		return "must be a domain such as example.com"
	}
	return ""
}

// checkURL takes what clone URLs and links can be made from.
func checkURL(s string) string {
	u, err := url.Parse(s)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return "must be a URL such as https://gitlab.example.com"
	}
	return ""
}

// checkRange takes an address for the range of that address alone.
func checkRange(s string) string {
	if _, err := netip.ParsePrefix(s); err == nil {
		return ""
	}
	// GitLab's own settings allow a bare address, too.
	if _, err := netip.ParseAddr(s); err == nil {
		return ""
	}
	return "must be an IP address or range such as 10.0.0.0/8"
}

// checkBranch only asks that there is a name: git has judged it when the branch was made.
func checkBranch(s string) string {
	if strings.TrimSpace(s) == "" {
		return "must not be blank"
	}
	return ""
}

// checkRef asks for a full ref without what git never has in one (git-check-ref-format).
func checkRef(s string) string {
	if name, ok := strings.CutPrefix(s, "refs/"); !ok || name == "" || strings.ContainsAny(s, " ~^:?*[\\\x7f") {
		return "must be a full ref such as refs/heads/main"
	}
	return ""
}

// checkObjectID takes the ids of both of git's hashes, in lower case as git prints them.
func checkObjectID(s string) string {
	if !objectID.MatchString(s) {
		return "must be an object id: 40 or 64 hexadecimal digits"
	}
	return ""
}

// checkAddress takes the addresses that Gitaly's clients know.
func checkAddress(s string) string {
	for _, scheme := range []string{"unix:", "tcp://", "tls://"} {
		if rest, ok := strings.CutPrefix(s, scheme); ok && rest != "" {
			return ""
		}
	}
	return "must be unix:/path, tcp://host:port or tls://host:port"
}

// checkFingerprint takes 32 bytes in base64.
func checkFingerprint(s string) string {
	if !fingerprint.MatchString(s) {
		return "must be a SHA-256 fingerprint in base64, without prefix and padding"
	}
	return ""
}
