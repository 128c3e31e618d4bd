package httpapi

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Params are the parameters of a request, merged: what the path says counts before the body, the body before the
// query. Clients write numbers as texts and the other way round, so the accessors take either; they collect what
// cannot be taken, and a handler asks once, after its last parameter, for Err. It is for one goroutine.
type Params struct {
	values map[string]any // string, json.Number, bool, nil, []any, map[string]any; upload for a file
	caller string         // the caller's id of the request
	header http.Header    // of the request
	origin string         // id and route of the request
	wrong  []string       // names of parameters that have been asked for and cannot be what was asked
}

// upload stands for a file in a multipart body; no parameter is one.
type upload struct{}

// CallerID returns the id that the caller gave the request, "" when it gave none. A client that repeats a request because
// an answer was lost keeps the id.
func (p *Params) CallerID() string { return p.caller }

// Header returns the request's headers, for what is no parameter, such as a second credential. It must not be changed.
func (p *Params) Header() http.Header { return p.header }

// Value returns a parameter as it was decoded, for the few that have a structure of their own: a string, json.Number,
// bool, []any, map[string]any, nil when it is missing or null, and any other type for what is no value. From forms
// all scalars are strings.
func (p *Params) Value(name string) any { return p.values[name] }

// All returns every parameter by its name, for requests whose names are not the route's to say: texts, json.Number, bool, nil,
// lists and objects as they were decoded. It must not be changed.
func (p *Params) All() map[string]any { return p.values }

// Has reports whether a parameter is given and not null.
func (p *Params) Has(name string) bool { return p.values[name] != nil }

// Text returns a parameter that is a text or a number, the latter as it was written. given is false when it is
// missing, null or a mistake: neither text nor number, not UTF-8, or with a NUL.
func (p *Params) Text(name string) (text string, given bool) {
	value := p.values[name]
	if value == nil {
		return "", false
	}
	text, ok := scalar(value)
	if !ok {
		p.mistake(name)
		return "", false
	}
	return text, true
}

// Bytes returns a parameter that is a text of any bytes but NUL, such as the names of refs, or a number as it was written.
// It is given as for Text.
func (p *Params) Bytes(name string) (text string, given bool) {
	switch v := p.values[name].(type) {
	case nil:
		return "", false
	case string:
		if strings.IndexByte(v, 0) < 0 {
			return v, true
		}
	case json.Number:
		return v.String(), true
	}
	p.mistake(name)
	return "", false
}

// Member returns a member of an object that is given as JSON in a text, or as an object. What is anything else has no
// members: the object is one that a request can do without.
func (p *Params) Member(name, member string) any {
	object, ok := p.values[name].(map[string]any)
	if text, isText := p.values[name].(string); isText {
		ok = json.Unmarshal([]byte(text), &object) == nil
	}
	if !ok {
		return nil
	}
	return object[member]
}

// Count returns a member of an object that counts something; what is no number from 0 on counts nothing.
func (p *Params) Count(name, member string) int64 {
	number, _ := p.Member(name, member).(json.Number)
	count, err := number.Int64()
	if err != nil || count < 0 {
		return 0
	}
	return count
}

// ID returns a parameter that names a record by number. given is true for whatever text or number there is: one that
// is no positive decimal integer of 63 bits is the id 0, which finds nothing. What is neither is a mistake.
func (p *Params) ID(name string) (id int64, given bool) {
	text, given := p.Text(name)
	if !given || text == "" || text[0] == '+' {
		return 0, given
	}
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id < 0 {
		return 0, true
	}
	return id, true
}

// Texts returns a parameter that is a list of texts; a single text is a list of one. It returns nil when it is
// missing or null, and when it is anything else, which is a mistake.
func (p *Params) Texts(name string) []string {
	value := p.values[name]
	if value == nil {
		return nil
	}
	list, ok := value.([]any)
	if !ok {
		list = []any{value}
	}
	texts := make([]string, len(list))
	for i, entry := range list {
		if texts[i], ok = scalar(entry); !ok {
			p.mistake(name)
			return nil
		}
	}
	return texts
}

// Err returns an *Error that names the mistakes found so far, nil if there are none.
func (p *Params) Err() error {
	if len(p.wrong) == 0 {
		return nil
	}
	return &Error{code: codeInvalidParams, text: strings.Join(p.wrong, " is invalid, ") + " is invalid"}
}

// mistake notes a parameter once, in the order of asking.
func (p *Params) mistake(name string) {
	if !slices.Contains(p.wrong, name) {
		p.wrong = append(p.wrong, name)
	}
}

// scalar returns a text or number as text.
func scalar(value any) (text string, ok bool) {
	switch v := value.(type) {
	case string:
		return v, utf8.ValidString(v) && strings.IndexByte(v, 0) < 0
	case json.Number:
		return v.String(), true
	}
	return "", false
}
