package infra_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"postern/shared/contract"
)

// sources returns the code of git decisions, without its tests.
func sources(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	for _, folder := range []string{"shared/access", "shared/httpapi", "functions/gitaccess"} {
		files, err := filepath.Glob(root(folder + "/*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: no code: %v", folder, err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			all.Write(raw)
		}
	}
	return strings.ReplaceAll(all.String(), "\" +\n\t\t\"", "")
}

// Every message of git that the document shows stands in the code.
func TestDocumentedMessagesExistInTheCode(t *testing.T) {
	code := sources(t)
	responses := contract.Own(t).Spec.Paths.Value("/internal/allowed").Post.Responses
	shown := 0
	for _, status := range []int{401, 503} {
		for name, e := range responses.Status(status).Value.Content["application/json"].Examples {
			message, _ := e.Value.Value.(object)["message"].(string)
			first, _, _ := strings.Cut(message, "\n")
			switch shown++; message {
			case "401 Unauthorized", "503 Service Unavailable": // from the status
			default:
				if !strings.Contains(code, `"`+first) {
					t.Errorf("%d, %s: the code has no %q", status, name, first)
				}
			}
		}
	}
	if shown < 15 {
		t.Errorf("%d texts shown", shown)
	}
}
