package httpapi

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

const (
	jsonMedia = "application/json"
	formMedia = "application/x-www-form-urlencoded"
	partMedia = "multipart/form-data; boundary=xx"
)

// parts writes fields as a multipart form.
func parts(dispositions ...string) string {
	var body strings.Builder
	for i := 0; i+1 < len(dispositions); i += 2 {
		body.WriteString("--xx\r\nContent-Disposition: form-data; " + dispositions[i] + "\r\n\r\n" + dispositions[i+1] + "\r\n")
	}
	return body.String() + "--xx--\r\n"
}

func TestBodies(t *testing.T) {
	h := New(routes(), Options{})
	notJSON, notObject := `{"error":"request body is not valid JSON"}`, `{"error":"request body must be a JSON object"}`
	notForm, unsupported := `{"error":"request body is not a valid form"}`, `{"error":"415 Unsupported Media Type"}`
	rows := []struct {
		name   string
		media  string
		body   string
		status int
		want   string
	}{
		{"JSON", jsonMedia, `{"key_id":"11","user_id":29}`, 200, `{"key_id":"11","q":"1","user_id":29}`},
		{"JSON with a charset", "application/json; charset=utf-8", `{"a":1}`, 200, `{"a":1,"q":"1"}`},
		{"JSON in capitals", "Application/JSON", `{"a":1}`, 200, `{"a":1,"q":"1"}`},
		{"JSON of another kind", "application/scim+json", `{"a":1}`, 200, `{"a":1,"q":"1"}`},
		{"JSON keeps long numbers", jsonMedia, `{"a":12345678901234567890}`, 200, `{"a":12345678901234567890,"q":"1"}`},
		{"JSON of every type", jsonMedia, `{"a":null,"b":[1,{"c":true}]}`, 200, `{"a":null,"b":[1,{"c":true}],"q":"1"}`},
		{"the body counts before the query", jsonMedia, `{"q":2}`, 200, `{"q":2}`},
		{"the last of the same counts", jsonMedia, `{"a":1,"a":2}`, 200, `{"a":2,"q":"1"}`},
		{"an empty object", jsonMedia, `{}`, 200, `{"q":"1"}`},
		{"white space around", jsonMedia, "\n {\"a\":1} \n", 200, `{"a":1,"q":"1"}`},
		{"only white space is no body", jsonMedia, " \n", 200, `{"q":"1"}`},
		{"no body with a JSON type", jsonMedia, "", 200, `{"q":"1"}`},
		{"no body with a strange type", "text/plain", "", 200, `{"q":"1"}`},
		{"half of JSON", jsonMedia, `{"a":`, 400, notJSON},
		{"more than JSON", jsonMedia, `{"a":1}{}`, 400, notJSON},
		{"more than JSON, not JSON", jsonMedia, `{"a":1}x`, 400, notJSON},
		{"no JSON", jsonMedia, `a=1`, 400, notJSON},
		{"a list", jsonMedia, `[1]`, 400, notObject},
		{"a text", jsonMedia, `"a"`, 400, notObject},
		{"a number", jsonMedia, `1`, 400, notObject},
		{"null", jsonMedia, `null`, 400, notObject},
		{"JSON a million deep", jsonMedia, `{"a":` + strings.Repeat("[", 1e6), 400, notJSON},
		{"a form", formMedia, "key_id=11&scopes[]=api&scopes[]=b", 200, `{"key_id":"11","q":"1","scopes":["api","b"]}`},
		{"a form does not add to the query's lists", formMedia, "q[]=2", 200, `{"q":["2"]}`},
		{"a bad form", formMedia, "a=%zz", 400, notForm},
		{"a form with too many fields", formMedia, strings.Repeat("a=1&", 5000), 400, notForm},
		{"a form at odds with itself", formMedia, "a=1&a[]=2", 400, `{"error":"a is invalid"}`},
		{"no type, looks like an object", "", ` {"a":1}`, 200, `{"a":1,"q":"1"}`},
		{"no type, looks like a form", "", "a=1", 200, `{"a":"1","q":"1"}`},
		{"a multipart form", partMedia, parts(`name="a"`, "1", `name="b[]"`, "x\ny"), 200, `{"a":"1","b":["x\ny"],"q":"1"}`},
		{"a file in a form is there, but no text", partMedia, parts(`name="a"; filename="f"`, "1"), 200, `{"a":{},"q":"1"}`},
		{"a multipart form at odds with itself", partMedia, parts(`name="a"`, "1", `name="a[]"`, "2"), 400, `{"error":"a is invalid"}`},
		{"a multipart form without its end", partMedia, "--xx\r\nContent-Disposition: form-data; name=a\r\n\r\n1", 400, notForm},
		{"a multipart form without a boundary", "multipart/form-data", parts(`name="a"`, "1"), 400, notForm},
		{"a multipart form with a bad type", "multipart/form-data; boundary=\"", parts(`name="a"`, "1"), 400, notForm},
		{"an unknown type", "text/plain", "a", 415, unsupported},
		{"XML", "application/xml", "<a/>", 415, unsupported},
		{"a type that is none", ";;", "a=1", 200, `{"a":"1","q":"1"}`},
		{"5 MiB", formMedia, "a=" + strings.Repeat("x", longestBody-2), 200, `{"a":"xxx`},
		{"over 5 MiB", formMedia, strings.Repeat("x", longestBody+1), 413, `{"error":"413 Request Entity Too Large"}`},
		{"over 5 MiB of an unknown type", "text/plain", strings.Repeat("x", longestBody+1), 413, `{"error":"413 Request Entity Too Large"}`},
	}
	for _, row := range rows {
		for name, announced := range map[string]bool{", length announced": true, ", length unknown": false} {
			t.Run(row.name+name, func(t *testing.T) {
				r := httptest.NewRequest(http.MethodPost, "/internal/echo?q=1", strings.NewReader(row.body))
				if !announced {
					r.ContentLength = -1
				}
				r.Header.Set("Key", "open")
				r.Header.Set("Content-Type", row.media)
				w := httptest.NewRecorder()
				h.ServeHTTP(w, r)
				if w.Code != row.status || !strings.HasPrefix(w.Body.String(), row.want) {
					t.Errorf("%d %.200s, want %d %s", w.Code, w.Body, row.status, row.want)
				}
			})
		}
	}
}

// A GET with a JSON type and no body is what gitlab-shell sends.
func TestGetWithoutBody(t *testing.T) {
	h := New(routes(), Options{})
	if w := ask(t, h, http.MethodGet, "/internal/echo?key_id=1", "", "Content-Type", jsonMedia); w.Body.String() != `{"key_id":"1"}` {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := ask(t, h, http.MethodGet, "/internal/echo", `{"key_id":2}`, "Content-Type", jsonMedia); w.Body.String() != `{"key_id":2}` {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

type torn struct{}

func (torn) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestTornBody(t *testing.T) {
	r := httptest.NewRequest(http.MethodPost, "/internal/echo", torn{})
	r.Header.Set("Key", "open")
	w := httptest.NewRecorder()
	New(routes(), Options{}).ServeHTTP(w, r)
	if w.Code != http.StatusBadRequest || w.Body.String() != `{"message":"400 Bad request"}` {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// Values of one request never get into another's, though buffers are used again.
func TestBuffersDoNotMix(t *testing.T) {
	h := New(routes(), Options{})
	first := ask(t, h, http.MethodPost, "/internal/echo", `{"a":"`+strings.Repeat("x", 100)+`"}`).Body.String()
	second := ask(t, h, http.MethodPost, "/internal/echo", `{"b":1}`).Body.String()
	if second != `{"b":1}` || !strings.HasPrefix(first, `{"a":"xxx`) {
		t.Errorf("%s, then %s", first, second)
	}
}

func FuzzBody(f *testing.F) {
	f.Add("a=1", jsonMedia, `{"key_id":"11","a":[1,{"b":null}]}`)
	f.Add("", jsonMedia, `{"a":1}{`)
	f.Add("a[]=1&a[b]=2", formMedia, "a[b][]=%41")
	f.Add("%", "", `{"a":1}`)
	f.Add("", partMedia, parts(`name="a"`, "1", `name="b"; filename="c"`, "2"))
	f.Add("", "multipart/form-data", "--\r\n")
	f.Add("", "text/plain; a=b", "\x00\xff")
	h := New(routes(), Options{})
	f.Fuzz(func(t *testing.T, query, media, body string) {
		r := httptest.NewRequest(http.MethodPost, "/internal/echo", strings.NewReader(body))
		r.URL.RawQuery = query
		r.Header.Set("Key", "open")
		r.Header["Content-Type"] = []string{media}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		switch w.Code {
		case 200, 400, 415:
		default:
			t.Errorf("%q %q %q = %d %s", query, media, body, w.Code, w.Body)
		}
	})
}
