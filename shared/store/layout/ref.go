package layout

import (
	"encoding/hex"
	"strings"
	"unicode/utf8"
)

// EscapeRef makes a sort key of a ref's name, which may hold any bytes. Bytes that are not UTF-8, "%" and "#" become %XX, so
// different names stay different.
func EscapeRef(name string) string {
	if utf8.ValidString(name) && !strings.ContainsAny(name, "%#") {
		return name
	}
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := 0; i < len(name); {
		r, size := utf8.DecodeRuneInString(name[i:])
		if (r == utf8.RuneError && size == 1) || r == '%' || r == '#' {
			b.WriteByte('%')
			b.WriteByte(hex[name[i]>>4])
			b.WriteByte(hex[name[i]&15])
			i++
			continue
		}
		b.WriteString(name[i : i+size])
		i += size
	}
	return b.String()
}

// UnescapeRef returns the name that EscapeRef made a sort key of.
func UnescapeRef(escaped string) string {
	if !strings.Contains(escaped, "%") {
		return escaped
	}
	var b strings.Builder
	for i := 0; i < len(escaped); i++ {
		if code, err := hex.DecodeString(escaped[i:min(i+3, len(escaped))][1:]); escaped[i] == '%' && err == nil && len(code) == 1 {
			b.WriteByte(code[0])
			i += 2
			continue
		}
		b.WriteByte(escaped[i])
	}
	return b.String()
}

// PlainRef is the name of a ref as a text.
func PlainRef(name string) string {
	if !utf8.ValidString(name) {
		return EscapeRef(name)
	}
	return name
}
