// Package contract holds requests and their answers against infra/openapi.yaml. It is a test kit: nothing that is
// deployed links it. That the document has every route, and no other, is tested in infra.
package contract

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// File is the document's name, below the module's root.
const File = "infra/openapi.yaml"

// Document is the API as it is described.
type Document struct {
	Spec  *openapi3.T
	paths []path
}

// Read reads a document. What it says must be valid, its examples too.
func Read(file string) (*Document, error) {
	spec, err := openapi3.NewLoader().LoadFromFile(file)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	if err := spec.Validate(context.Background(), openapi3.EnableExamplesValidation()); err != nil {
		return nil, fmt.Errorf("%s is not valid: %w", file, err)
	}
	d := &Document{Spec: spec}
	for name, item := range spec.Paths.Map() {
		d.paths = append(d.paths, spellings(spec, name, item)...)
	}
	// A path that is spelled out counts before one with variables (OpenAPI, Paths Object).
	slices.SortFunc(d.paths, func(a, b path) int { return a.variables - b.variables })
	return d, nil
}

// Operation is a verb of a path.
type Operation struct {
	Method, Path string // as in the document, below its servers
	*openapi3.Operation
}

// Operations returns all operations, in the order of their paths and verbs.
func (d *Document) Operations() []Operation {
	var all []Operation
	for name, item := range d.Spec.Paths.Map() {
		for method, operation := range item.Operations() {
			all = append(all, Operation{Method: method, Path: name, Operation: operation})
		}
	}
	slices.SortFunc(all, func(a, b Operation) int {
		return strings.Compare(a.Path+" "+a.Method, b.Path+" "+b.Method)
	})
	return all
}

// Find returns the operation that a request is for; there is false when the document has none.
func (d *Document) Find(r *http.Request) (operation Operation, there bool) {
	p, _ := d.find(r.URL.EscapedPath())
	if p == nil || p.item.GetOperation(r.Method) == nil {
		return Operation{}, false
	}
	return Operation{Method: r.Method, Path: p.name, Operation: p.item.GetOperation(r.Method)}, true
}

// PathOf returns the path that a request's path is one of, as the document has it; "" when it has none.
func (d *Document) PathOf(path string) string {
	if p, _ := d.find(path); p != nil {
		return p.name
	}
	return ""
}
