package postern_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	fenced  = regexp.MustCompile("(?ms)^ *```.*?^ *```")
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	symbol  = regexp.MustCompile("[^a-z0-9 _-]")
)

// documents returns the Markdown files of the tree, below the module's root.
func documents(t *testing.T) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && path != "." && strings.HasPrefix(entry.Name(), ".") {
			return filepath.SkipDir
		}
		if strings.HasSuffix(path, ".md") {
			all = append(all, path)
		}
		return err
	})
	if err != nil || len(all) == 0 {
		t.Fatalf("%d documents: %v", len(all), err)
	}
	return all
}

func readDocument(t *testing.T, path string) string {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// anchors returns the anchors of a document's headings, in the form of GitHub and GitLab.
func anchors(text string) map[string]bool {
	all := map[string]bool{}
	for _, match := range heading.FindAllStringSubmatch(fenced.ReplaceAllString(text, ""), -1) {
		all[strings.ReplaceAll(symbol.ReplaceAllString(strings.ToLower(match[1]), ""), " ", "-")] = true
	}
	return all
}

func TestDocumentLinksResolve(t *testing.T) {
	t.Parallel()
	for _, document := range documents(t) {
		text := readDocument(t, document)
		for _, match := range link.FindAllStringSubmatch(fenced.ReplaceAllString(text, ""), -1) {
			if strings.Contains(match[1], "://") {
				continue
			}
			file, anchor, _ := strings.Cut(match[1], "#")
			target := document
			if file != "" {
				target = filepath.Join(filepath.Dir(document), file)
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s links to %s: %v", document, match[1], err)
			} else if anchor != "" && !anchors(readDocument(t, target))[anchor] {
				t.Errorf("%s links to %s: no such heading", document, match[1])
			}
		}
	}
}

func TestEntryDocumentsStayShort(t *testing.T) {
	t.Parallel()
	for _, document := range []string{"README.md", "docs/architecture.md"} {
		if lines := strings.Count(readDocument(t, document), "\n"); lines > 150 {
			t.Errorf("%s has %d lines, at most 150 are allowed", document, lines)
		}
	}
}

// place matches a path of the tree in a document. An asterisk stands for part of a name, "<family>" for one folder.
var place = regexp.MustCompile("`((?:functions|shared|infra|local|events|docs|testkit)/[a-z_./<>*-]+)`")

func TestDocumentPathsExist(t *testing.T) {
	t.Parallel()
	for _, document := range documents(t) {
		for _, match := range place.FindAllStringSubmatch(fenced.ReplaceAllString(readDocument(t, document), ""), -1) {
			pattern := strings.TrimSuffix(strings.ReplaceAll(match[1], "<family>", "*"), "/")
			if strings.HasPrefix(pattern, "local/secrets/") { // made by the first run
				continue
			}
			if found, err := filepath.Glob(pattern); err != nil || len(found) == 0 {
				t.Errorf("%s names %s, which does not exist (%v)", document, match[1], err)
			}
		}
	}
}

func TestEveryDocumentIsLinked(t *testing.T) {
	t.Parallel()
	linked := map[string]bool{"README.md": true}
	for _, document := range documents(t) {
		for _, match := range link.FindAllStringSubmatch(readDocument(t, document), -1) {
			file, _, _ := strings.Cut(match[1], "#")
			linked[filepath.Join(filepath.Dir(document), file)] = true
		}
	}
	for _, document := range documents(t) {
		if strings.HasPrefix(document, "docs/") && !linked[document] {
			t.Errorf("no document links to %s", document)
		}
	}
}

// target matches a target of the Makefile that has a help text.
var target = regexp.MustCompile(`(?m)^([a-z-]+):.* ## `)

func TestMakeTargetsAreDescribed(t *testing.T) {
	t.Parallel()
	guide := readDocument(t, "docs/local.md")
	for _, match := range target.FindAllStringSubmatch(readDocument(t, "Makefile"), -1) {
		if !strings.Contains(guide, "make "+match[1]) {
			t.Errorf("docs/local.md does not describe make %s", match[1])
		}
	}
}
