package scim

import "strings"

// ETag is the weak entity tag of a version (RFC 7644 section 3.14).
func ETag(version string) string { return `W/"` + version + `"` }

// Preconditions are the conditions on a version that a request comes with (RFC 7232); either may be empty.
type Preconditions struct {
	IfMatch     string
	IfNoneMatch string
}

// Changeable reports whether a resource of a version may be changed.
func (p Preconditions) Changeable(version string) bool {
	return (p.IfMatch == "" || named(p.IfMatch, version)) && (p.IfNoneMatch == "" || !named(p.IfNoneMatch, version))
}

// Known reports whether the client has the version already, so that it need not be sent again.
func (p Preconditions) Known(version string) bool {
	return p.IfNoneMatch != "" && named(p.IfNoneMatch, version)
}

// named reports whether a list of tags has the version's, or names any. Tags are compared weakly.
func named(tags, version string) bool {
	for tag := range strings.SplitSeq(tags, ",") {
		tag = strings.TrimPrefix(strings.TrimSpace(tag), "W/")
		if tag == "*" || tag == `"`+version+`"` {
			return true
		}
	}
	return false
}
