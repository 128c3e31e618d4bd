package directory

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

func TestExportReturnsPageOrObject(t *testing.T) {
	tests := []struct{ name, payload, answer, fails string }{
		{"a page", `{"export": {}}`, `{"document":{"namespaces":[{"id":1000000000001,"kind":"user","name":"ann","owner_id":1,"path":"ann"}],"scim_tokens":[{"namespace_id":null,"token_digest":`, ""},
		{"an object in the bucket", `{"export": {"bucket": "documents", "key": "exports/a.json"}}`, `{"bucket":"documents","key":"exports/a.json","bytes":`, ""},
		{"an invalid cursor", `{"export": {"cursor": "x"}}`, "", "not a place to go on from"},
		{"a key without the prefix", `{"export": {"bucket": "documents", "key": "a.json"}}`, "", "must begin with"},
		{"a missing bucket", `{"export": {"key": "exports/a.json"}}`, "", "must be given"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := newFunction(t)
			if _, err := f.Invoke(t.Context(), []byte(right)); err != nil {
				t.Fatal(err)
			}
			f.log.Reset()
			answer, err := f.Invoke(t.Context(), []byte(test.payload))
			if (err == nil) != (test.fails == "") || err != nil && !strings.Contains(err.Error(), test.fails) {
				t.Fatalf("error %v, want %q", err, test.fails)
			}
			if !strings.HasPrefix(string(answer), test.answer) || strings.Contains(string(answer), "very-secret") {
				t.Errorf("got %s", answer)
			}
			if lines := f.lines(t); len(lines) != 1 || lines[0]["msg"] != "export" || (lines[0]["cause"] == nil) != (err == nil) {
				t.Errorf("logged %v", lines)
			}
		})
	}
}

// An exported object loads without changes, and its bucket event does not load it.
func TestExportedObjectReloadsUnchanged(t *testing.T) {
	f := newFunction(t)
	if _, err := f.Invoke(t.Context(), []byte(right)); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Invoke(t.Context(), []byte(`{"export": {"bucket": "documents", "key": "exports/a.json"}}`)); err != nil {
		t.Fatal(err)
	}
	object := f.bucket.written["documents/exports/a.json"]
	answer, err := f.Invoke(t.Context(), []byte(object))
	if err != nil || strings.Contains(string(answer), `"created":1`) || strings.Contains(string(answer), `"updated":1`) {
		t.Errorf("loaded again: %s %v", answer, err)
	}
	event := `{"Records":[{"s3":{"bucket":{"name":"documents"},"object":{"key":"exports/a.json"}}}]}`
	if answer, err := f.Invoke(t.Context(), []byte(event)); err != nil || string(answer) != `{}` || len(f.bucket.reads) > 0 {
		t.Errorf("got %s %v, and read %v", answer, err, f.bucket.reads)
	}
}

func TestUploadSendsParts(t *testing.T) {
	piece := strings.Repeat("x", 1<<20)
	tests := []struct {
		name          string
		pieces, parts int
		fails         bool
	}{
		{"an empty object", 0, 0, false},
		{"a small object", 1, 0, false},
		{"one part", 8, 1, false},
		{"one full part and a rest", 9, 2, false},
		{"a failing part aborts the upload", 20, 2, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := newBucket()
			b.fails = test.fails
			u := newUpload(t.Context(), b, "documents", "exports/a")
			var err error
			for range test.pieces {
				if _, err = u.Write([]byte(piece)); err != nil {
					break
				}
			}
			if err == nil {
				err = u.Close()
			}
			if test.fails {
				if !errors.Is(err, errBroken) || u.Abort(t.Context()) != nil || !b.aborted || len(b.written) > 0 {
					t.Errorf("error %v, aborted %t, written %d", err, b.aborted, len(b.written))
				}
				return
			}
			if err != nil || len(b.parts) != test.parts || b.written["documents/exports/a"] != strings.Repeat(piece, test.pieces) {
				t.Errorf("%d parts, %v", len(b.parts), err)
			}
		})
	}
}

func TestExportPageIsJSON(t *testing.T) {
	f := newFunction(t)
	answer, err := f.Invoke(t.Context(), []byte(`{"export": {}}`))
	var page struct {
		Document map[string]any
		Next     string
	}
	if err != nil || json.Unmarshal(answer, &page) != nil || page.Document == nil || page.Next != "" {
		t.Errorf("got %s %v", answer, err)
	}
}
