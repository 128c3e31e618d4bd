package scim

import (
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
)

// defaultResults is how many resources an answer has when the client does not say (as upstream).
const defaultResults = 20

// Search is what is asked of a list (RFC 7644 section 3.4.2): by the query, or by the body of /.search.
type Search struct {
	Filter     Filter     // nil: everything
	SortBy     *Attribute // nil: as created
	Descending bool
	Start      int // from 1 on
	Count      int // from 0 to MostResults
	Projection Projection
}

// Sorted reports whether the order is another one than that of the list.
func (s *Search) Sorted() bool { return s.SortBy != nil }

// ReadSearch reads a search over resources of the schemas: of several, an attribute has to be known to one of them. Errors are
// *Error.
func ReadSearch(values map[string]any, schemas ...*Schema) (Search, error) {
	s := Search{
		Start: max(1, whole(member(values, "startIndex"), 1)),
		Count: min(MostResults, max(0, whole(member(values, "count"), defaultResults))),
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
		return nil, nil //nolint:nilnil // everything
	case string:
		if strings.TrimSpace(given) == "" {
			return nil, nil //nolint:nilnil // everything
		}
		f, err := ParseFilter(given)
		if err != nil {
			return nil, err
		}
		return f, checkAny(f, schemas)
	}
	return nil, Bad(InvalidFilter, "filter is not a text")
}

// checkAny returns nil when the filter fits one of the schemas.
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
		return nil, nil //nolint:nilnil // as created
	}
	a, ok := ParseAttribute(given)
	if !ok || !slices.ContainsFunc(schemas, func(s *Schema) bool { return s.Has(a) }) {
		return nil, Bad(InvalidPath, "Unknown attribute: "+shown(given))
	}
	return &a, nil
}

// whole reads a whole number, as clients write it; what is none counts as not given.
func whole(value any, otherwise int) int {
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

// List is the answer to a search: how many there are in all, and those of the page.
func (s *Search) List(total int, page []Resource) map[string]any {
	return ListOf(total, s.Start, s.Count, page)
}

// ListOf is a list response. Resources are there when they are none, too, because clients look for them.
func ListOf[R any](total, start, count int, page []R) map[string]any {
	if page == nil {
		page = []R{}
	}
	return map[string]any{
		"schemas": []string{listMessage}, "totalResults": total, "itemsPerPage": count, "startIndex": start, "Resources": page,
	}
}

// Page returns the part of all resources that is asked for.
func (s *Search) Page(all []Resource) []Resource {
	from := min(s.Start-1, len(all))
	return all[from : from+min(s.Count, len(all)-from)]
}
