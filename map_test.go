package postern_test

import (
	"os"
	"strings"
	"testing"
)

// The map at the top of docs/architecture.md has a line for each package below its folder. Families and their events are there once,
// as <family>.
func TestMapHasEveryPackage(t *testing.T) {
	text, err := os.ReadFile("docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(text), "## The map\n\n```\n")
	drawn, _, found := strings.Cut(after, "```")
	if !found {
		t.Fatal("there is no map")
	}
	mapped := folders(drawn)
	for _, p := range packages(t) {
		folder := p.ImportPath
		if part := strings.Split(folder, "/"); part[0] == "functions" {
			folder = strings.Join(append([]string{part[0], "<family>"}, part[2:]...), "/")
		}
		if folder != strings.TrimSuffix(module, "/") && !mapped[folder] {
			t.Errorf("%s is not in the map", p.ImportPath)
		}
	}
}

// folders returns the paths that a map draws by indentation. The text behind a folder may name folders inside it. The folders of the
// families count as one folder.
func folders(drawn string) map[string]bool {
	all, above := map[string]bool{}, []string{}
	for line := range strings.Lines(drawn) {
		name, text, _ := strings.Cut(strings.TrimSpace(line), " ")
		depth := (len(line) - len(strings.TrimLeft(line, " "))) / 4
		if depth > len(above) {
			continue // a continuation line
		}
		above = append(above[:depth], strings.TrimSuffix(name, "/"))
		path := strings.Join(above, "/")
		all[path], all[strings.TrimSuffix(path, "/<family>")] = true, true
		for word := range strings.FieldsSeq(text) {
			if inner, ok := strings.CutSuffix(word, "/"); ok {
				all[path+"/"+inner] = true
			}
		}
	}
	return all
}
