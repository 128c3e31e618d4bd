package scim

import (
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
)

// defaultResults is the default page size (as upstream).
const defaultResults = 20

// Search is a list request (RFC 7644 section 3.4.2), from a query or from the body of /.search.
type Search struct {
	Filter     Filter     // nil: no filter
	SortBy     *Attribute // nil: by creation
	Descending bool
	Start      int // first result, from 1
	Count      int // from 0 to MaxResults
	Projection Projection
}

// Sorted reports whether the search asks for its own order.
func (s *Search) Sorted() bool { return s.SortBy != nil }

// ReadSearch parses a search over resources of the schemas. An attribute is valid if one of the schemas defines it. Errors
// are *Error.
func ReadSearch(values map[string]any, schemas ...*Schema) (Search, error) {
	s := Search{
		Start: max(1, integer(member(values, "startIndex"), 1)),
		Count: min(MaxResults, max(0, integer(member(values, "count"), defaultResults))),
	}
	var err error
	if s.Projection, err = ReadProjection(values); err != nil {
		return Search{}, err
	}
	if s.Filter, err = readFilter(values, schemas); err != nil {
		return Search{}, err
	}
	order, _ := member(values, "sortOrder").(string)
	s.Descending = strings.EqualFold(order, "descending")
	s.SortBy, err = readSortBy(values, schemas)
	return s, err
}

func readFilter(values map[string]any, schemas []*Schema) (Filter, error) {
	switch given := member(values, "filter").(type) {
	case nil:
		return nil, nil //nolint:nilnil // no filter
	case string:
		if strings.TrimSpace(given) == "" {
			return nil, nil //nolint:nilnil // no filter
		}
		f, err := ParseFilter(given)
		if err != nil {
			return nil, err
		}
		return f, checkAny(f, schemas)
	}
	return nil, Bad(InvalidFilter, "filter must be a string")
}

// checkAny returns nil if the filter fits one of the schemas.
func checkAny(f Filter, schemas []*Schema) error {
	var mistakes []error
	for _, s := range schemas {
		err := Check(f, s)
		if err == nil {
			return nil
		}
		mistakes = append(mistakes, err)
	}
	return errors.Join(mistakes[:min(1, len(mistakes))]...)
}

func readSortBy(values map[string]any, schemas []*Schema) (*Attribute, error) {
	given, _ := member(values, "sortBy").(string)
	if given == "" {
		return nil, nil //nolint:nilnil // by creation
	}
	a, ok := ParseAttribute(given)
	if !ok || !slices.ContainsFunc(schemas, func(s *Schema) bool { return s.Has(a) }) {
		return nil, Bad(InvalidPath, "Unknown attribute: "+shown(given))
	}
	return &a, nil
}

// integer parses an integer, as number or text. An invalid one gives the default. Overflow is clamped.
func integer(value any, otherwise int) int {
	var text string
	switch v := value.(type) {
	case string:
		text = strings.TrimSpace(v)
	case json.Number:
		text = v.String()
	default:
		return otherwise
	}
	n, err := strconv.Atoi(text)
	switch {
	case err == nil:
		return n
	case errors.Is(err, strconv.ErrRange) && !strings.HasPrefix(text, "-"):
		return math.MaxInt
	case errors.Is(err, strconv.ErrRange):
		return math.MinInt
	}
	return otherwise
}

// List returns the list response with the total and the page.
func (s *Search) List(total int, page []Resource) map[string]any {
	return ListOf(total, s.Start, s.Count, page)
}

// ListOf returns a list response. Resources is present even when empty, because clients require it.
func ListOf[R any](total, start, count int, page []R) map[string]any {
	if page == nil {
		page = []R{}
	}
	return map[string]any{
		"schemas": []string{listMessage}, "totalResults": total, "itemsPerPage": count, "startIndex": start, "Resources": page,
	}
}

// Page returns the requested page of all resources.
func (s *Search) Page(all []Resource) []Resource {
	from := min(s.Start-1, len(all))
	return all[from : from+min(s.Count, len(all)-from)]
}
