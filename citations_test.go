package postern_test

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const behaviorDocument = "docs/behavior.md"

var (
	caseRow       = regexp.MustCompile(`(?m)^\| (K?\d+[a-z]?) \|`)
	sectionRow    = regexp.MustCompile(`(?m)^\| ([^|]+) \| ([^|]+) \|$`)
	showingTest   = regexp.MustCompile("`(Test[A-Za-z]+)`")
	wrappedLine   = regexp.MustCompile(`\n\s*//`)
	testFunction  = regexp.MustCompile(`(?m)^func (Test\w+)\(`)
	sectionCited  = regexp.MustCompile(`\(internal API, ([^)]*)\)`)
	caseField     = regexp.MustCompile(`(?m)(?:number: |^\s*\{)"(K?\d+[a-z]?)", (?:name: )?"`)
	caseComment   = regexp.MustCompile(`\b[Cc]ases? (K?\d+[a-z]?)((?:(?:, | and | to )K?\d+[a-z]?)*)`)
	switchCase    = regexp.MustCompile(`(?m)^\s*case .*$`)
	caseSeparator = regexp.MustCompile(`(, | and | to )(K?\d+[a-z]?)`)
)

// goFiles calls each with the path and the text of every Go file. Comments that wrap are one line.
func goFiles(t *testing.T, each func(path, text string)) {
	t.Helper()
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != "." && strings.HasPrefix(entry.Name(), "."):
			return filepath.SkipDir
		case !strings.HasSuffix(path, ".go") || path == "citations_test.go":
			return nil
		}
		raw, err := os.ReadFile(path)
		each(path, wrappedLine.ReplaceAllString(string(raw), ""))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// citedCases returns the numbers of the behavior cases that a text names. "124 to 136" names all between.
func citedCases(path, text string) []string {
	var all []string
	if strings.HasPrefix(path, "local/server/") {
		for _, match := range caseField.FindAllStringSubmatch(text, -1) {
			all = append(all, match[1])
		}
	}
	for _, match := range caseComment.FindAllStringSubmatch(switchCase.ReplaceAllString(text, ""), -1) {
		last := match[1]
		all = append(all, last)
		for _, further := range caseSeparator.FindAllStringSubmatch(match[2], -1) {
			if further[1] == " to " {
				from, _ := strconv.Atoi(last)
				to, _ := strconv.Atoi(further[2])
				for n := from + 1; n < to; n++ {
					all = append(all, strconv.Itoa(n))
				}
			}
			last = further[2]
			all = append(all, last)
		}
	}
	return all
}

func TestBehaviorCasesAreDescribedAndShown(t *testing.T) {
	t.Parallel()
	described, shown, tests := map[string]bool{}, map[string]bool{}, map[string]bool{}
	text := readDocument(t, behaviorDocument)
	for _, match := range caseRow.FindAllStringSubmatch(text, -1) {
		if described[match[1]] {
			t.Errorf("%s describes case %s twice", behaviorDocument, match[1])
		}
		described[match[1]] = true
	}
	goFiles(t, func(path, text string) {
		for _, match := range testFunction.FindAllStringSubmatch(text, -1) {
			tests[match[1]] = true
		}
		for _, number := range citedCases(path, text) {
			if !described[number] {
				t.Errorf("%s cites case %s, which %s does not describe", path, number, behaviorDocument)
			}
			shown[number] = shown[number] || strings.HasSuffix(path, "_test.go")
		}
	})
	for _, number := range slices.Sorted(maps.Keys(described)) {
		if !shown[number] {
			t.Errorf("no test shows case %s of %s", number, behaviorDocument)
		}
	}
	for _, match := range showingTest.FindAllStringSubmatch(text, -1) {
		if !tests[match[1]] {
			t.Errorf("%s names %s, which does not exist", behaviorDocument, match[1])
		}
	}
}

// A citation is a name of the document's table, or several that "and" joins. A part of a section may follow after a colon or a quote.
func TestInternalAPICitationsResolve(t *testing.T) {
	t.Parallel()
	_, section, found := strings.Cut(readDocument(t, behaviorDocument), "## Sections of the internal API\n")
	if !found {
		t.Fatal("there is no table of sections")
	}
	known := map[string]bool{}
	for _, match := range sectionRow.FindAllStringSubmatch(section, -1) {
		known[match[1]] = true
	}
	goFiles(t, func(path, text string) {
		for _, match := range sectionCited.FindAllStringSubmatch(text, -1) {
			name, _, _ := strings.Cut(match[1], ":")
			name, _, _ = strings.Cut(name, `, "`)
			if known[name] {
				continue
			}
			for part := range strings.SplitSeq(name, " and ") {
				if !known[part] {
					t.Errorf("%s cites %q, which %s does not list", path, match[1], behaviorDocument)
				}
			}
		}
	})
}

var decisionCited = regexp.MustCompile(`\(decisions, "([^"]+)"`)

func TestDecisionCitationsResolve(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, document := range documents(t) {
		if strings.HasPrefix(document, "docs/decisions/") {
			for _, match := range heading.FindAllStringSubmatch(readDocument(t, document), -1) {
				known[match[1]] = true
			}
		}
	}
	goFiles(t, func(path, text string) {
		for _, match := range decisionCited.FindAllStringSubmatch(text, -1) {
			if !known[match[1]] {
				t.Errorf("%s cites the decision %q, which docs/decisions does not have", path, match[1])
			}
		}
	})
}
