package scim

import "strings"

// longestPath limits paths and filters in bytes; deepestFilter limits their nesting.
const (
	longestPath   = 8192
	deepestFilter = 32
)

// Attribute is the name of an attribute or sub-attribute, optionally with the URN of its schema (RFC 7644 section 3.10).
// Names are case-insensitive.
type Attribute struct {
	Schema string // the URN, may be empty
	Name   string
	Sub    string // empty for the whole attribute
}

func (a Attribute) String() string {
	text := a.Name
	if a.Schema != "" {
		text = a.Schema + ":" + text
	}
	if a.Sub != "" {
		text += "." + a.Sub
	}
	return text
}

// ParseAttribute parses an attribute's name; ok is false for an invalid one.
func ParseAttribute(text string) (a Attribute, ok bool) {
	if colon := strings.LastIndexByte(text, ':'); colon >= 0 {
		a.Schema, text = text[:colon], text[colon+1:]
		if !schemaURN(a.Schema) {
			return Attribute{}, false
		}
	}
	name, sub, dotted := strings.Cut(text, ".")
	if !attributeName(name) || (dotted && !attributeName(sub)) {
		return Attribute{}, false
	}
	a.Name, a.Sub = name, sub
	return a, true
}

// schemaURN reports whether text looks like a URN.
func schemaURN(text string) bool {
	if len(text) < len("urn:a:b") || !strings.EqualFold(text[:4], "urn:") {
		return false
	}
	return strings.IndexFunc(text, func(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune(`"()[]`, r) }) < 0
}

// attributeName reports whether text is a valid name (RFC 7643 section 2.1) or "$ref".
func attributeName(text string) bool {
	text = strings.TrimPrefix(text, "$")
	for i := range len(text) {
		c := text[i]
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !letter && (i == 0 || !('0' <= c && c <= '9' || c == '-' || c == '_')) {
			return false
		}
	}
	return text != ""
}

// Path is the target of a patch operation. A filter restricts it to the matching values of the attribute, and a
// sub-attribute to that part of the values (RFC 7644 section 3.5.2).
type Path struct {
	Attribute Attribute
	Values    Filter // nil: all values
	Sub       string // the sub-attribute after the filter
}

func (p Path) String() string {
	text := p.Attribute.String()
	if p.Values != nil {
		text += "[" + p.Values.String() + "]"
	}
	if p.Sub != "" {
		text += "." + p.Sub
	}
	return text
}

// ParsePath parses a path. Errors are *Error of the type invalidPath.
func ParsePath(text string) (Path, error) {
	malformed := func() (Path, error) { return Path{}, Bad(InvalidPath, "Invalid path: "+shown(text)) }
	if len(text) > longestPath {
		return malformed()
	}
	head, rest, filtered := strings.Cut(text, "[")
	attribute, ok := ParseAttribute(strings.TrimSpace(head))
	if !ok {
		return malformed()
	}
	p := Path{Attribute: attribute}
	if !filtered {
		return p, nil
	}
	scan := &parser{text: rest, inside: true}
	values, ok := scan.filter()
	if !ok || attribute.Sub != "" || !scan.take("]") {
		return malformed()
	}
	p.Values = values
	if sub, dotted := strings.CutPrefix(scan.rest(), "."); dotted {
		if p.Sub = sub; !attributeName(sub) {
			return malformed()
		}
		return p, nil
	}
	if scan.rest() != "" {
		return malformed()
	}
	return p, nil
}

// shown shortens a client's text for an error detail.
func shown(text string) string {
	const most = 200
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}
