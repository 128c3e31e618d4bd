package document

import (
	"fmt"
	"slices"
)

// Mistake is something that a document may not say, and where it says it: "projects[3].visibility".
type Mistake struct {
	Place   string `json:"place"`
	Message string `json:"message"`
}

// mistakesListed bounds how many mistakes an answer lists.
//
// A document that is wrong throughout, for instance of another version, must not become an answer of its own size.
const mistakesListed = 1000

// Mistakes collects what is wrong with a document.
type Mistakes struct {
	List []Mistake
	More int // how many are not listed
}

// Add notes a mistake. The message must not repeat a secret of the document.
func (m *Mistakes) Add(place, format string, args ...any) {
	mistake := Mistake{Place: place, Message: fmt.Sprintf(format, args...)}
	switch {
	case slices.Contains(m.List[max(0, len(m.List)-3):], mistake): // a username also is a path
	case len(m.List) == mistakesListed:
		m.More++
	default:
		m.List = append(m.List, mistake)
	}
}

// None reports whether the document is right so far.
func (m *Mistakes) None() bool { return len(m.List) == 0 }

// All returns the mistakes, with a last line that counts those that are not listed.
func (m *Mistakes) All() []Mistake {
	if m.More == 0 {
		return m.List
	}
	return append(m.List, Mistake{Message: fmt.Sprintf("and %d more mistakes", m.More)})
}
