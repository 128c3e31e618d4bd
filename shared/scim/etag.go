package scim

import "strings"

// ETag returns the weak entity tag of a version (RFC 7644 section 3.14).
func ETag(version string) string { return `W/"` + version + `"` }

// Preconditions are the version conditions of a request (RFC 7232); either may be empty.
type Preconditions struct {
	IfMatch     string
	IfNoneMatch string
}

// Changeable reports whether the conditions allow a change of a resource with the version.
func (p Preconditions) Changeable(version string) bool {
	return (p.IfMatch == "" || matchesTag(p.IfMatch, version)) && (p.IfNoneMatch == "" || !matchesTag(p.IfNoneMatch, version))
}

// Known reports whether the client already has the version, so that the answer needs no body.
func (p Preconditions) Known(version string) bool {
	return p.IfNoneMatch != "" && matchesTag(p.IfNoneMatch, version)
}

// matchesTag reports whether a list of tags has the version's tag or "*". Tags are compared weakly.
func matchesTag(tags, version string) bool {
	for tag := range strings.SplitSeq(tags, ",") {
		tag = strings.TrimPrefix(strings.TrimSpace(tag), "W/")
		if tag == "*" || tag == `"`+version+`"` {
			return true
		}
	}
	return false
}
