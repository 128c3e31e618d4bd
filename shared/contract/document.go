// Package contract checks requests and answers against infra/openapi.yaml. It is a test kit. Deployed functions do not
// link it. A test in infra compares the document's routes with the route tables.
package contract

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// File is the path of the document below the module's root.
const File = "infra/openapi.yaml"

// Document is a parsed OpenAPI document.
type Document struct {
	Spec  *openapi3.T
	paths []path
}

// Read parses and validates a document, including its examples.
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
	// Literal paths precede paths with variables (OpenAPI, Paths Object).
	slices.SortFunc(d.paths, func(a, b path) int { return a.variables - b.variables })
	return d, nil
}

// Operation is a method of a path.
type Operation struct {
	Method, Path string // as in the document, relative to its servers
	*openapi3.Operation
}

// Operations returns all operations, sorted by path and method.
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

// Find returns the operation of a request; found is false for an unknown one.
func (d *Document) Find(r *http.Request) (operation Operation, found bool) {
	p, _ := d.find(r.URL.EscapedPath())
	if p == nil || p.item.GetOperation(r.Method) == nil {
		return Operation{}, false
	}
	return Operation{Method: r.Method, Path: p.name, Operation: p.item.GetOperation(r.Method)}, true
}

// PathOf returns the document's path for a request's path, "" for an unknown one.
func (d *Document) PathOf(path string) string {
	if p, _ := d.find(path); p != nil {
		return p.name
	}
	return ""
}
