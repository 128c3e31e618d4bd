package document

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// scanned reads a document's outer shape.
func scanned(t testing.TB, text string) (*Document, *Mistakes) {
	t.Helper()
	var m Mistakes
	doc, err := Scan(t.Context(), Bytes(text), isArray, &m)
	if err != nil {
		t.Fatalf("scan: %v", err)
	}
	return doc, &m
}

// isArray knows some arrays of a document.
func isArray(name string) bool {
	return slices.Contains([]string{"storages", "users", "namespaces", "projects", "keys"}, name)
}

// FuzzScan holds what scan finds against encoding/json: each record lies where the section says.
func FuzzScan(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"users": [{"id": 1}, {"id": 2 } ]}`, ` { "users" :[ ] , "remove":{"keys":[{"id":1}]}} `, `{"instance": {"url": "x"}}`,
		`{"users": null, "remove": null}`, `{"users": [1,"a",[],{}]}`, `{"users":[{"name":"\u00e9é"}]}`, `[`, `{"x":`, `{"instance":[]}`,
		`{"remove": {"remove": {}}}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		doc, m := scanned(t, text)
		if !m.None() {
			return
		}
		if !json.Valid([]byte(text)) {
			t.Fatalf("no mistake in %q", text)
		}
		for _, sec := range doc.sections {
			err := doc.Each(t.Context(), sec, 0, len(sec.Starts), 2, func(portion []Raw) error {
				for _, rec := range portion {
					at := text[sec.Starts[rec.Index]:]
					if !strings.HasPrefix(at, string(rec.Data)) {
						t.Errorf("%s is %q, but at its place is %q", rec.Place, rec.Data, at)
					}
				}
				return nil
			})
			if err != nil {
				t.Errorf("read %s again: %v", sec.name, err)
			}
		}
	})
}

func TestTexts(t *testing.T) {
	tests := []struct {
		name, rule   string
		right, wrong []string
	}{
		{
			"path segments", "Project.path",
			[]string{"a", "A-b_c.d", "1", ".hidden", "_x", "a.b", "gitfoo", "x.gitx"},
			[]string{"", "-a", "a.", "a.git", "A.GIT", "a.atom", "..", ".", "a b", "a/b", "é", "a\x00", strings.Repeat("a", 256)},
		},
		{"full paths", "Project.redirects", []string{"a/b", "a/b/c", "a"}, []string{"", "/a", "a/", "a//b", "a/../b", "a/b.git"}},
		{
			"e-mail addresses", "User.email",
			[]string{"a@b", "a.b+c@example.com", "ö@example.com"},
			[]string{"", "a", "@b", "a@", "a@b@c", "a b@c", "a@b\n", "<a@b>", strings.Repeat("a", 255) + "@b"},
		},
		{"domains", "Namespace.verified_domains", []string{"example.com", "a"}, []string{"", "@a", "a b", ".a", "a."}},
		{"URLs", "Instance.url", []string{"http://a", "https://a:3000/gitlab"}, []string{"", "a", "ftp://a", "http://", "://"}},
		{"IP ranges", "Namespace.ip_ranges", []string{"10.0.0.0/8", "::1/128", "10.1.2.3"}, []string{"", "10.0.0.0/33", "a"}},
		{"refs", "Ref.ref", []string{"refs/heads/main", "refs/tags/v1", "refs/x"}, []string{"", "main", "refs/", "refs/heads/a b", "refs/a:b"}},
		{"object ids", "Ref.target", []string{strings.Repeat("a", 40), strings.Repeat("0", 64)}, []string{"", "a", strings.Repeat("A", 40), strings.Repeat("g", 40)}},
		{"addresses", "Storage.address", []string{"unix:/a", "tcp://h:1", "tls://h:1"}, []string{"", "h:1", "unix:", "http://h"}},
		{"branches", "Project.default_branch", []string{"main", "a/b"}, []string{"", " "}},
		{"other texts", "User.name", []string{"", "any thing", strings.Repeat("a", 1000)}, []string{strings.Repeat("a", 1001), "a\x00b"}},
		{"titles", "MergeRequest.title", []string{"", strings.Repeat("é", 255)}, []string{strings.Repeat("é", 256), "a\x00b", "\xff"}},
		{"policies", "SecurityPolicy.yaml", []string{strings.Repeat("a", 256<<10)}, []string{strings.Repeat("a", 256<<10+1)}},
		{"protocols", "Instance.enabled_git_access_protocol", []string{"", "ssh", "http"}, []string{"SSH", "x"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for _, s := range test.right {
				if wrong := CheckText(test.rule, s); wrong != "" {
					t.Errorf("%q: %s", s, wrong)
				}
			}
			for _, s := range test.wrong {
				if CheckText(test.rule, s) == "" {
					t.Errorf("%q is taken", s)
				}
			}
		})
	}
}

func TestTimesAreReadAsTheyAreWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "seconds"), rapid.Int64Range(0, 999_999_999).Draw(t, "nanoseconds"))
		zone := time.FixedZone("", 60*rapid.IntRange(-14*60, 14*60).Draw(t, "minutes east"))
		got, ok := parseTime(at.In(zone).Format(time.RFC3339Nano), false)
		if !ok || !got.Equal(at) || got.Location() != time.UTC {
			t.Errorf("got %v %v, want %v", got, ok, at)
		}
	})
}

func TestBytes(t *testing.T) {
	for _, test := range []struct {
		from, to int64
		want     string
	}{{0, -1, "abcdef"}, {2, 4, "cd"}, {4, 100, "ef"}, {6, -1, ""}, {9, -1, ""}} {
		t.Run(fmt.Sprint(test.from, test.to), func(t *testing.T) {
			r, err := Bytes("abcdef").Open(t.Context(), test.from, test.to)
			if err != nil {
				t.Fatalf("open: %v", err)
			}
			if got, _ := io.ReadAll(r); !bytes.Equal(got, []byte(test.want)) {
				t.Errorf("got %q", got)
			}
		})
	}
}
