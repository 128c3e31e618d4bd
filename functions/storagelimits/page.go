package storagelimits

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"

	"postern/shared/httpapi"
)

// How long a page is, as everywhere in the API.
const (
	usualSize = 20
	mostSize  = 100
)

// page is the part of a list that is asked for: its number from 1 on, and how many entries a page has.
type page struct{ number, size int }

// newPage reads "page" and "per_page". What is before the first page is the first one, and nobody gets more than 100
// entries.
func newPage(p *httpapi.Params) (page, error) {
	var mistakes []string
	number, isNumber := whole(p, "page", 1)
	if !isNumber {
		mistakes = append(mistakes, "page is invalid")
	}
	size, isNumber := whole(p, "per_page", usualSize)
	switch {
	case !isNumber:
		mistakes = append(mistakes, "per_page is invalid")
	case size < 1:
		mistakes = append(mistakes, "per_page has a value not allowed")
	}
	asked := page{number: max(number, 1), size: min(max(size, 1), mostSize)}
	if len(mistakes) > 0 {
		return asked, httpapi.Invalid(mistakes...)
	}
	return asked, nil
}

// whole returns a parameter that is a whole number, and another number where it is not given.
func whole(p *httpapi.Params, name string, otherwise int) (n int, ok bool) {
	text, given := p.Text(name)
	if !given {
		return otherwise, !p.Has(name)
	}
	n, err := strconv.Atoi(text)
	return n, err == nil
}

// offset is how many entries are before the page; a page that lies further away than can be counted is past any end.
func (p page) offset() int {
	if p.number > math.MaxInt/mostSize {
		return math.MaxInt
	}
	return (p.number - 1) * p.size
}

// pages is how many pages there are; an empty list has one.
func (p page) pages(total int) int { return max(1, (total+p.size-1)/p.size) }

// header returns what tells clients where they are in a list and where to go on. A page past the end has no neighbours.
func (p page) header(total int, url string) http.Header {
	last, previous, next := p.pages(total), "", ""
	if p.number > 1 && p.number <= last {
		previous = strconv.Itoa(p.number - 1)
	}
	if p.number < last {
		next = strconv.Itoa(p.number + 1)
	}
	return http.Header{
		"X-Total": {strconv.Itoa(total)}, "X-Total-Pages": {strconv.Itoa(last)},
		"X-Page": {strconv.Itoa(p.number)}, "X-Per-Page": {strconv.Itoa(p.size)},
		"X-Prev-Page": {previous}, "X-Next-Page": {next},
		"Link": {p.links(url, []link{{"prev", previous}, {"next", next}, {"first", "1"}, {"last", strconv.Itoa(last)}})},
	}
}

// link leads to a page, "" for none.
type link struct{ rel, page string }

// links writes the pages as RFC 8288 has it.
func (p page) links(url string, to []link) string {
	var written []string
	for _, l := range to {
		if l.page != "" {
			written = append(written, fmt.Sprintf(`<%s?page=%s&per_page=%d>; rel="%s"`, url, l.page, p.size, l.rel))
		}
	}
	return strings.Join(written, ", ")
}
