// Package events_test sends the events of this directory to the families as Lambda does. It compares their answers with the expected
// ones beside the events. It is not deployed.
package events_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"postern/functions/agents"
	"postern/functions/credentials"
	"postern/functions/directory"
	"postern/functions/errortracking"
	"postern/functions/gitaccess"
	"postern/functions/groupscim"
	"postern/functions/hooks"
	"postern/functions/instance"
	"postern/functions/instancescim"
	"postern/functions/lfs"
	"postern/functions/sshkeys"
	"postern/functions/starboard"
	"postern/functions/storagelimits"
	"postern/shared/apitest"
	"postern/shared/contract"
	"postern/shared/gitaly"
	"postern/shared/lambdahttp"
)

// expected is the answer beside an event. Headers that it lacks do not matter. A value that differs in each answer, such as a token,
// has a sample in the body and a pattern in Varies.
type expected struct {
	Varies  map[string]string `json:"varies"`
	Status  int               `json:"status"`
	Headers map[string]string `json:"headers"`
	Body    any               `json:"body"`
}

// families are the functions by the directory of their events.
func families() map[string]func(apitest.Deps) http.Handler {
	return map[string]func(apitest.Deps) http.Handler{
		"gitaccess": func(d apitest.Deps) http.Handler {
			return gitaccess.New(gitaccess.Deps{Store: d.Store, Gitaly: gitaly.New(gitaly.Options{}), Shell: d.Shell, Admin: d.Admin, Now: d.Now, HTTP: d.HTTP})
		},
		"hooks": func(d apitest.Deps) http.Handler {
			return hooks.New(hooks.Deps{Store: d.Store, Shell: d.Shell, Now: d.Now, HTTP: d.HTTP})
		},
		"sshkeys": func(d apitest.Deps) http.Handler {
			return sshkeys.New(sshkeys.Deps{Store: d.Store, Shell: d.Shell, HTTP: d.HTTP})
		},
		"credentials": func(d apitest.Deps) http.Handler {
			return credentials.New(credentials.Deps{
				Store: d.Store, Shell: d.Shell, Tokens: d.Tokens, Now: d.Now, Random: rand.Reader, HTTP: d.HTTP,
			})
		},
		"errortracking": func(d apitest.Deps) http.Handler {
			return errortracking.New(errortracking.Deps{Store: d.Store, Shell: d.Shell, HTTP: d.HTTP})
		},
		"lfs": func(d apitest.Deps) http.Handler {
			return lfs.New(lfs.Deps{
				Store: d.Store, Shell: d.Shell, Tokens: d.Tokens, Now: d.Now, Random: rand.Reader, HTTP: d.HTTP,
			})
		},
		"storagelimits": func(d apitest.Deps) http.Handler {
			return storagelimits.New(storagelimits.Deps{Store: d.Store, HTTP: d.HTTP})
		},
		"agents": func(d apitest.Deps) http.Handler {
			return agents.New(agents.Deps{Store: d.Store, KAS: d.KAS, HTTP: d.HTTP})
		},
		"starboard": func(d apitest.Deps) http.Handler {
			return starboard.New(starboard.Deps{Store: d.Store, KAS: d.KAS, HTTP: d.HTTP})
		},
		"groupscim": func(d apitest.Deps) http.Handler {
			return groupscim.New(groupscim.Deps{Store: d.Store, HTTP: d.HTTP})
		},
		"instancescim": func(d apitest.Deps) http.Handler {
			return instancescim.New(instancescim.Deps{Store: d.Store, HTTP: d.HTTP})
		},
		"instance": func(d apitest.Deps) http.Handler {
			return instance.New(instance.Deps{Store: d.Store, Shell: d.Shell, HTTP: d.HTTP})
		},
	}
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestEvents(t *testing.T) {
	deps := dependencies(t)
	load(t, deps)
	apitest.Apply(t, deps.Store, apitest.Administrator())
	for family, handler := range families() {
		entry := lambdahttp.Entry(contract.Handler(t, handler(deps)))
		names, err := filepath.Glob(filepath.Join(family, "*.expected.json"))
		if err != nil || len(names) == 0 {
			t.Fatalf("no events for %s: %v", family, err)
		}
		for _, name := range names {
			event := strings.TrimSuffix(name, ".expected.json")
			t.Run(event, func(t *testing.T) {
				payload := bytes.ReplaceAll(read(t, event+".json"), []byte("{{shell_jwt}}"), []byte(apitest.Token(t)))
				payload = bytes.ReplaceAll(payload, []byte("{{kas_jwt}}"), []byte(apitest.KASToken(t)))
				answer, err := entry.Invoke(t.Context(), payload)
				if err != nil {
					t.Fatal(err)
				}
				compare(t, answer, read(t, name))
			})
		}
	}
}

// objectVersion is the version in the bucket's event.
const objectVersion = "096fKKXTRTtl3on89fVO.nfljtsv6qko"

// load sends the events of the directory function. The object in the bucket is the document of an earlier payload, so it changes
// nothing.
func load(t *testing.T, deps apitest.Deps) {
	t.Helper()
	function := invoked("DirectoryFunction", directory.New(directory.Deps{
		Store: deps.Store, Objects: bucket(t), Logger: slog.New(slog.DiscardHandler), Now: deps.Now,
	}))
	newest := objectVersion
	if c := reached(t); c != nil {
		newest = fill(t, c)
	}
	for _, name := range []string{"apply", "object", "mistakes", "preview"} {
		t.Run("directory/"+name, func(t *testing.T) {
			file := filepath.Join("directory", name)
			payload := bytes.ReplaceAll(read(t, file+".json"), []byte(objectVersion), []byte(newest))
			directly(t, function, file, payload)
		})
	}
}

// directly invokes a function with a payload and compares its answer with the event's file.
func directly(t *testing.T, function lambda.Handler, file string, payload []byte) {
	t.Helper()
	answer, err := function.Invoke(t.Context(), payload)
	if err != nil {
		t.Fatal(err)
	}
	var want expected
	if err := json.Unmarshal(read(t, file+".expected.json"), &want); err != nil {
		t.Fatal(err)
	}
	var got any
	if err := json.Unmarshal(answer, &got); err != nil || !reflect.DeepEqual(got, want.Body) {
		t.Errorf("got %s, want %v (%v)", answer, want.Body, err)
	}
}

// bucket is a client of a bucket with one object.
func bucket(t *testing.T) *s3.Client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/postern-directory/documents/acme corp.json" {
			http.NotFound(w, r)
			return
		}
		http.ServeFile(w, r, filepath.Join("directory", "apply.json"))
	}))
	t.Cleanup(server.Close)
	return s3.New(s3.Options{
		BaseEndpoint: &server.URL, UsePathStyle: true, Region: "us-east-1", Credentials: aws.AnonymousCredentials{},
	})
}

func compare(t *testing.T, answer, wanted []byte) {
	t.Helper()
	var want expected
	if err := json.Unmarshal(wanted, &want); err != nil {
		t.Fatal(err)
	}
	var got struct {
		StatusCode        int
		MultiValueHeaders http.Header
		Body              string
		IsBase64Encoded   bool
	}
	if err := json.Unmarshal(answer, &got); err != nil {
		t.Fatal(err)
	}
	var body any
	if got.Body == "" && want.Body == nil { // 204
		got.Body = "null"
	}
	if err := json.Unmarshal([]byte(got.Body), &body); err != nil || got.IsBase64Encoded {
		t.Fatalf("body %q (base64: %v): %v", got.Body, got.IsBase64Encoded, err)
	}
	sample(t, &want, body)
	if got.StatusCode != want.Status || !reflect.DeepEqual(body, want.Body) {
		t.Errorf("got %d %s, want %d %v", got.StatusCode, got.Body, want.Status, want.Body)
	}
	for name, value := range want.Headers {
		if header := got.MultiValueHeaders.Get(name); header != value {
			t.Errorf("%s is %q, want %q", name, header, value)
		}
	}
}

// sample replaces varying values of the expected body with the actual ones, if both match the pattern.
func sample(t *testing.T, want *expected, body any) {
	t.Helper()
	for name, pattern := range want.Varies {
		samples, _ := want.Body.(map[string]any)
		got, _ := body.(map[string]any)
		for _, value := range []any{samples[name], got[name]} {
			if !regexp.MustCompile(pattern).MatchString(fmt.Sprint(value)) {
				t.Errorf("%s is %v, want %s", name, value, pattern)
			}
		}
		samples[name] = got[name]
	}
}

// Each event has an answer beside it, and no placeholder but the tokens.
func TestEventsAreComplete(t *testing.T) {
	names, err := filepath.Glob(filepath.Join("*", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		raw := read(t, name)
		if !json.Valid(raw) {
			t.Errorf("%s is not JSON", name)
		}
		if left := bytes.ReplaceAll(bytes.ReplaceAll(raw, []byte("{{shell_jwt}}"), nil), []byte("{{kas_jwt}}"), nil); bytes.Contains(left, []byte("{{")) {
			t.Errorf("%s has an unknown placeholder", name)
		}
		if event, isAnswer := strings.CutSuffix(name, ".expected.json"); isAnswer {
			read(t, event+".json")
		} else {
			read(t, strings.TrimSuffix(name, ".json")+".expected.json")
		}
	}
}
