package directory

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

// mistakes collects what is wrong with a document.
type mistakes struct {
	list []Mistake
	more int // how many are not listed
}

// add notes a mistake. The message must not repeat a secret of the document.
func (m *mistakes) add(place, format string, args ...any) {
	mistake := Mistake{Place: place, Message: fmt.Sprintf(format, args...)}
	switch {
	case slices.Contains(m.list[max(0, len(m.list)-3):], mistake): // a username also is a path
	case len(m.list) == mistakesListed:
		m.more++
	default:
		m.list = append(m.list, mistake)
	}
}

// none reports whether the document is right so far.
func (m *mistakes) none() bool { return len(m.list) == 0 }

// all returns the mistakes, with a last line that counts those that are not listed.
func (m *mistakes) all() []Mistake {
	if m.more == 0 {
		return m.list
	}
	return append(m.list, Mistake{Message: fmt.Sprintf("and %d more mistakes", m.more)})
}
