package directory

import "fmt"

// Mistake is something that a document may not say, and where it says it: "projects[3].visibility".
type Mistake struct {
	Place   string `json:"place"`
	Message string `json:"message"`
}

// mistakesListed bounds how many mistakes an answer lists.
const mistakesListed = 1000

// mistakes collects what is wrong with a document.
type mistakes struct {
	list []Mistake
	more int // how many are not listed
}

// add notes a mistake. The message must not repeat a secret of the document.
func (m *mistakes) add(place, format string, args ...any) {
	if len(m.list) == mistakesListed {
		m.more++
		return
	}
	m.list = append(m.list, Mistake{Place: place, Message: fmt.Sprintf(format, args...)})
}

func (m *mistakes) none() bool { return len(m.list) == 0 }

// all returns the mistakes, with a last line that counts those that are not listed.
func (m *mistakes) all() []Mistake {
	if m.more == 0 {
		return m.list
	}
	return append(m.list, Mistake{Message: fmt.Sprintf("and %d more mistakes", m.more)})
}
