package gitlab

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// The bounds of everything that a push brings along. DynamoDB takes 1,024 bytes for a sort key, 400 KB for an item and 4 MB for a
// transaction. A push is stored in one transaction. Its first item has a part of the changes, the options and the reply.
const (
	// MaxRefName is the length of the longest ref name that is stored, in bytes of a sort key (RefNameLength). The key of a merge
	// request has two ids behind the name of its source branch.
	MaxRefName = 960
	// MaxChanges bounds the stored changes of a push, which are compressed when they are long.
	MaxChanges = 3 << 20
	// ChangesPart bounds the changes in one item.
	ChangesPart = 200 << 10
	// MaxPushOptions bounds the number of stored options of a push.
	MaxPushOptions = 1000
	// MaxPushOptionBytes bounds the stored options of a push together.
	MaxPushOptionBytes = 96 << 10
	// MaxMessageBytes bounds the messages that a push prints together.
	MaxMessageBytes = 64 << 10
	// MaxMessage bounds one message that a push prints, in bytes.
	MaxMessage = 16 << 10
	// MaxIdentifier bounds the stored identifier of a pusher. Identifiers of users and keys are far shorter.
	MaxIdentifier = 255
	// namedInMessage is how much of a ref's name a message quotes.
	namedInMessage = 100
)

// RefNameLength returns the length of a ref's name in a sort key. A byte that is no UTF-8, "%" and "#" take three bytes there.
func RefNameLength(name string) int {
	n := 0
	for i := 0; i < len(name); {
		r, size := utf8.DecodeRuneInString(name[i:])
		if r == utf8.RuneError && size == 1 || r == '%' || r == '#' {
			n += 2
		}
		n, i = n+size, i+size
	}
	return n
}

// StorableRef reports whether a ref of this full name can be stored.
func StorableRef(name string) bool { return RefNameLength(name) <= MaxRefName }

// LongRefMessage rejects a push of a ref whose name is too long. It quotes the printable beginning of the name.
func LongRefMessage(name string) string {
	return fmt.Sprintf("The name of the ref %q is too long: it takes %d bytes, the limit is %d bytes.",
		CutText(strings.ToValidUTF8(name, "\uFFFD"), namedInMessage), RefNameLength(name), MaxRefName)
}

// ManyChangesMessage rejects a push whose changes cannot be stored in one transaction.
func ManyChangesMessage(changes int) string {
	return fmt.Sprintf("The push changes too many refs: its %d changes take more than the limit of %d bytes. Push fewer refs at once.",
		changes, MaxChanges)
}

// CutText returns a text of at most n bytes. A longer text ends with an ellipsis at the boundary of a character.
func CutText(text string, n int) string {
	const ellipsis = "…"
	if len(text) <= n {
		return text
	}
	end := n - len(ellipsis)
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + ellipsis
}

// BoundOptions returns the options of a push that are stored, in their order, and whether some were cut. Options with a known
// namespace take precedence, so that others do not displace them.
func BoundOptions(given []string) (kept []string, truncated bool) {
	count, size := 0, 0
	keep := make([]bool, len(given))
	for _, known := range []bool{true, false} {
		for i, option := range given {
			if knownNamespace(option) != known || count == MaxPushOptions || size+len(option) > MaxPushOptionBytes {
				continue
			}
			keep[i], count, size = true, count+1, size+len(option)
		}
	}
	for i, option := range given {
		if keep[i] {
			kept = append(kept, option)
		}
	}
	return kept, count < len(given)
}

// knownNamespace reports whether an option begins with a namespace that is known.
func knownNamespace(option string) bool {
	namespace, _, _ := strings.Cut(option, ".")
	namespace = strings.TrimSpace(namespace)
	return namespace == "mr" || pushOptionKeys[namespace] != nil
}
