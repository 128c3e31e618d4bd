package scim

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"
)

// parser is a recursive-descent parser for filters. "and" binds stronger than "or"; "not" requires parentheses (RFC 7644,
// figure 1).
type parser struct {
	text   string
	depth  int
	inside bool // inside the brackets of a value path, which cannot be nested
}

// rest returns the unread text without leading spaces.
func (p *parser) rest() string {
	p.text = strings.TrimLeft(p.text, " ")
	return p.text
}

// take consumes a token if it comes next.
func (p *parser) take(sign string) bool {
	rest, found := strings.CutPrefix(p.rest(), sign)
	if found {
		p.text = rest
	}
	return found
}

// word consumes the text up to a space, quote or bracket.
func (p *parser) word() string {
	rest := p.rest()
	end := strings.IndexAny(rest, " ()[]\"")
	if end < 0 {
		end = len(rest)
	}
	p.text = rest[end:]
	return rest[:end]
}

// keyword consumes a word if it equals want in any case.
func (p *parser) keyword(want string) bool {
	before := p.text
	if strings.EqualFold(p.word(), want) {
		return true
	}
	p.text = before
	return false
}

func (p *parser) filter() (Filter, bool) {
	if p.depth++; p.depth > deepestFilter {
		return nil, false
	}
	defer func() { p.depth-- }()
	var either disjunction
	for {
		all, ok := p.all()
		if !ok {
			return nil, false
		}
		if inner, same := all.(disjunction); same { // flatten redundant parentheses
			either = append(either, inner...)
		} else {
			either = append(either, all)
		}
		if !p.keyword("or") {
			return single(either), true
		}
	}
}

func (p *parser) all() (Filter, bool) {
	var all conjunction
	for {
		one, ok := p.one()
		if !ok {
			return nil, false
		}
		if inner, same := one.(conjunction); same {
			all = append(all, inner...)
		} else {
			all = append(all, one)
		}
		if !p.keyword("and") {
			return single(all), true
		}
	}
}

// single unwraps a list of one element.
func single[L interface {
	~[]Filter
	Filter
}](list L) Filter {
	if len(list) == 1 {
		return list[0]
	}
	return list
}

func (p *parser) one() (Filter, bool) {
	negated := p.negated()
	if p.take("(") {
		inner, ok := p.filter()
		if !ok || !p.take(")") {
			return nil, false
		}
		if negated {
			return &negation{of: inner}, true
		}
		return inner, true
	}
	if negated {
		return nil, false
	}
	attribute, ok := ParseAttribute(p.word())
	switch {
	case !ok:
		return nil, false
	case strings.HasPrefix(p.text, "["): // only without a space before it
		return p.selection(attribute)
	case p.keyword("pr"):
		return &presence{attribute: attribute}, true
	}
	return p.comparison(attribute)
}

// negated consumes "not" in front of a parenthesis. Otherwise "not" is an attribute name.
func (p *parser) negated() bool {
	before := p.text
	if p.keyword("not") && strings.HasPrefix(p.rest(), "(") {
		return true
	}
	p.text = before
	return false
}

func (p *parser) selection(attribute Attribute) (Filter, bool) {
	if p.inside || attribute.Sub != "" || !p.take("[") {
		return nil, false
	}
	p.inside = true
	values, ok := p.filter()
	p.inside = false
	if !ok || !p.take("]") {
		return nil, false
	}
	return &selection{attribute: attribute, values: values}, true
}

func (p *parser) comparison(attribute Attribute) (Filter, bool) {
	operator := Operator(strings.ToLower(p.word()))
	if !slices.Contains(operators, operator) || !strings.HasPrefix(p.text, " ") {
		return nil, false
	}
	value, ok := p.value()
	return &comparison{attribute: attribute, operator: operator, value: value}, ok
}

// value consumes a JSON string or a bare word. The words true, false and null are recognized in any case.
func (p *parser) value() (literal, bool) {
	if !strings.HasPrefix(p.rest(), `"`) {
		text := p.word()
		if lower := strings.ToLower(text); lower == "true" || lower == "false" || lower == "null" {
			text = lower
		}
		return literal{text: text}, text != "" && utf8.ValidString(text)
	}
	length := quoted(p.text)
	var text string
	if length == 0 || !utf8.ValidString(p.text[:length]) || json.Unmarshal([]byte(p.text[:length]), &text) != nil {
		return literal{}, false
	}
	p.text = p.text[length:]
	return literal{text: text, quoted: true}, true
}

// quoted returns the length of the quoted string at the start of text, 0 if its end is missing.
func quoted(text string) int {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return 0
}
