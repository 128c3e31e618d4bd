package postern_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// The bounds of a package, so that a reader can know all of it.
const (
	mostFiles    = 40
	mostExported = 60
)

// The packages of wire types, which have a name for each type and constant of a protocol.
var wireTypes = map[string]bool{"shared/gitlab": true, "shared/gitaly/gitalypb": true, "shared/scim": true}

func TestPackagesAreSmall(t *testing.T) {
	for _, p := range packages(t) {
		if n := len(p.GoFiles); n > mostFiles {
			t.Errorf("%s has %d files without tests, more than %d", p.ImportPath, n, mostFiles)
		}
		if wireTypes[p.ImportPath] {
			continue
		}
		if names := exportedNames(t, p); len(names) > mostExported {
			t.Errorf("%s exports %d names, more than %d: %s", p.ImportPath, len(names), mostExported, strings.Join(names, " "))
		}
	}
}

// exportedNames returns the exported names that a package declares, without methods and fields.
func exportedNames(t *testing.T, p listed) []string {
	t.Helper()
	var names []string
	for _, file := range p.GoFiles {
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, file), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range f.Decls {
			for _, id := range declared(decl) {
				if id.IsExported() {
					names = append(names, id.Name)
				}
			}
		}
	}
	return names
}

// declared returns the names that a declaration adds to the package. A method adds no name.
func declared(decl ast.Decl) []*ast.Ident {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil {
			return []*ast.Ident{d.Name}
		}
	case *ast.GenDecl:
		var names []*ast.Ident
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.TypeSpec:
				names = append(names, s.Name)
			case *ast.ValueSpec:
				names = append(names, s.Names...)
			}
		}
		return names
	}
	return nil
}
