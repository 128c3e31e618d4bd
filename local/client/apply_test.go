package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"postern/local/client"
	"postern/local/invoke"
)

// directoryFunction answers with the received document, or with an error.
type directoryFunction struct {
	fail    error
	payload []byte
}

func (f *directoryFunction) Invoke(_ context.Context, payload []byte) ([]byte, error) {
	f.payload = payload
	return []byte(`{"counts":{}}`), f.fail
}

// bucket accepts every object and records its requests.
type bucket struct {
	requests []string
	size     int64
}

func (b *bucket) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	size, err := io.Copy(io.Discard, r.Body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
	}
	b.requests = append(b.requests, r.Method+" "+r.URL.Path)
	b.size += size
}

func document(t *testing.T, size int) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "document.json")
	text := `{"users":[]}` + strings.Repeat(" ", max(size-12, 0))
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestApplyUsesTheBucketForLargeDocuments(t *testing.T) {
	const preview = len(`"dry_run":true,`)
	cases := []struct {
		name   string
		size   int
		dry    bool
		bucket bool
	}{
		{"a small document is the payload", 100, false, false},
		{"the largest payload", invoke.MaxPayload, false, false},
		{"one byte more goes through the bucket", invoke.MaxPayload + 1, false, true},
		{"a preview is a payload", 100, true, false},
		{"a preview without room for its mark goes through the bucket", invoke.MaxPayload, true, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			function, storage := &directoryFunction{}, &bucket{}
			functions, objects := httptest.NewServer(invoke.API{"directory": function}), httptest.NewServer(storage)
			t.Cleanup(functions.Close)
			t.Cleanup(objects.Close)
			apply := client.Apply{URL: functions.URL, Function: "directory", Storage: objects.URL, Bucket: "documents", DryRun: c.dry}
			answer, err := apply.Do(t.Context(), document(t, c.size))
			if err != nil || string(answer) != `{"counts":{}}` {
				t.Fatalf("answer = %s, %v", answer, err)
			}
			if marked := strings.Contains(string(function.payload), `"dry_run":true`); marked != c.dry {
				t.Errorf("marked as a preview: %t, want %t", marked, c.dry)
			}
			if c.dry && !c.bucket {
				c.size += preview
			}
			if c.bucket {
				checkBucket(t, storage, checkEvent(t, function.payload, c.size), c.size)
			} else if len(function.payload) != c.size || storage.requests != nil {
				t.Errorf("payload of %d bytes, want %d; the bucket got %q", len(function.payload), c.size, storage.requests)
			}
		})
	}
}

// checkBucket checks that the bucket received the whole object, and a deletion.
func checkBucket(t *testing.T, b *bucket, key string, size int) {
	t.Helper()
	if want := []string{"PUT /documents/" + key, "DELETE /documents/" + key}; !slices.Equal(b.requests, want) {
		t.Errorf("the bucket got %q, want %q", b.requests, want)
	}
	if b.size < int64(size) { // signed chunks add some bytes
		t.Errorf("the bucket got %d bytes of %d", b.size, size)
	}
}

// checkEvent checks the object in an event of S3 and returns its key.
func checkEvent(t *testing.T, payload []byte, size int) string {
	t.Helper()
	var event struct {
		Records []struct {
			EventSource string
			S3          struct {
				Bucket struct{ Name string }
				Object struct {
					Key  string
					Size int
				}
			}
		}
	}
	if err := json.Unmarshal(payload, &event); err != nil || len(event.Records) != 1 {
		t.Fatalf("event = %s, %v; want one record", payload, err)
	}
	r := event.Records[0]
	if r.EventSource != "aws:s3" || r.S3.Bucket.Name != "documents" || r.S3.Object.Key == "" || r.S3.Object.Size != size {
		t.Errorf("record = %+v", r)
	}
	return r.S3.Object.Key
}

func TestApplyReportsErrors(t *testing.T) {
	failing := httptest.NewServer(invoke.API{"directory": &directoryFunction{fail: errors.New("no table")}})
	t.Cleanup(failing.Close)
	missing := httptest.NewServer(http.NotFoundHandler())
	missing.Close()
	cases := []struct {
		name, url, function, file, want string
	}{
		{"a missing document", failing.URL, "directory", filepath.Join(t.TempDir(), "none.json"), "none.json: no such file"},
		{"a function that fails", failing.URL, "directory", document(t, 0), "the directory function failed: no table"},
		{"an unknown function", failing.URL, "other", document(t, 0), "Function not found"},
		{"no running system", missing.URL, "directory", document(t, 0), "make run"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := client.Apply{URL: c.url, Function: c.function}.Do(t.Context(), c.file)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error = %v, want %q in it", err, c.want)
			}
		})
	}
}

func TestApplyReportsThePlaceOfAJSONError(t *testing.T) {
	file := filepath.Join(t.TempDir(), "document.json")
	if err := os.WriteFile(file, []byte(`{"users":[}`), 0o600); err != nil {
		t.Fatal(err)
	}
	function := &directoryFunction{}
	functions := httptest.NewServer(invoke.API{"directory": function})
	t.Cleanup(functions.Close)
	_, err := client.Apply{URL: functions.URL, Function: "directory"}.Do(t.Context(), file)
	if err == nil || !strings.Contains(err.Error(), "not valid JSON near byte 11") {
		t.Errorf("error %v, want byte 11 in it", err)
	}
	if function.payload != nil {
		t.Error("the function was invoked")
	}
}

func TestPreviewIsMarkedInTheDocument(t *testing.T) {
	cases := []struct{ name, document, want string }{
		{"a document", `{"users":[]}`, `{"dry_run":true,"users":[]}`},
		{"with space", "\n {\n \"users\":[]}", "{\"dry_run\":true,\n \"users\":[]}"},
		{"an empty document", ` { } `, `{"dry_run":true } `},
		{"not a document", `[1]`, `[1]`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "document.json")
			if err := os.WriteFile(file, []byte(c.document), 0o600); err != nil {
				t.Fatal(err)
			}
			function := &directoryFunction{}
			functions := httptest.NewServer(invoke.API{"directory": function})
			t.Cleanup(functions.Close)
			apply := client.Apply{URL: functions.URL, Function: "directory", DryRun: true}
			if _, err := apply.Do(t.Context(), file); err != nil || string(function.payload) != c.want {
				t.Errorf("sent %s (%v), want %s", function.payload, err, c.want)
			}
		})
	}
}
