package scim

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"
)

// parser reads a filter by recursive descent: "or" binds weaker than "and", "not" goes with brackets (RFC 7644, figure 1).
type parser struct {
	text   string
	depth  int
	inside bool // within the brackets of a value path, where there are no further ones
}

// rest is what has not been read, without the spaces before it.
func (p *parser) rest() string {
	p.text = strings.TrimLeft(p.text, " ")
	return p.text
}

// take reads a sign if it comes next.
func (p *parser) take(sign string) bool {
	rest, found := strings.CutPrefix(p.rest(), sign)
	if found {
		p.text = rest
	}
	return found
}

// word reads up to a space or bracket.
func (p *parser) word() string {
	rest := p.rest()
	end := strings.IndexAny(rest, " ()[]\"")
	if end < 0 {
		end = len(rest)
	}
	p.text = rest[end:]
	return rest[:end]
}

// keyword reads a word if it is this one, in any case.
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
		if inner, same := all.(disjunction); same { // from brackets that change nothing
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

// single is what a list of one stands for.
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
	case strings.HasPrefix(p.text, "["): // no space before it
		return p.selection(attribute)
	case p.keyword("pr"):
		return &presence{attribute: attribute}, true
	}
	return p.comparison(attribute)
}

// negated reads "not" where a bracket follows: else it is the name of an attribute.
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

// value reads a JSON text, or a word as it is. Names of values have no regard to case.
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

// quoted is the length of the quoted text that begins here, 0 when its end is missing.
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
