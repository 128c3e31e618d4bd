package directory

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"postern/shared/gitlab"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// scanned reads a document's outer shape.
func scanned(t testing.TB, text string) (*document, *mistakes) {
	t.Helper()
	var m mistakes
	doc, err := scan(t.Context(), Bytes(text), newRun(nil, Options{Now: time.Now}).known, &m)
	if err != nil {
		t.Fatalf("scan: %v", err)
	}
	return doc, &m
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
		if !m.none() {
			return
		}
		if !json.Valid([]byte(text)) {
			t.Fatalf("no mistake in %q", text)
		}
		for _, sec := range doc.sections {
			err := doc.each(t.Context(), sec, 0, len(sec.starts), 2, func(portion []raw) error {
				for _, rec := range portion {
					at := text[sec.starts[rec.index]:]
					if !strings.HasPrefix(at, string(rec.json)) {
						t.Errorf("%s is %q, but at its place is %q", rec.place, rec.json, at)
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

// FuzzParse reads any record as any kind: it must neither panic nor accept what cannot be written as JSON again.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`{"id": 1, "username": "a"}`, `{"id": 9007199254740993}`, `{"id": -1}`, `{"push_access_levels": [{"user_id": 1}]}`,
		`{"expires_at": "2026-01-01"}`, `{"confirmed_at": "2026-01-01T00:00:00Z"}`, `{"features": {"a": "b"}}`, `{"token": "x"}`,
		`{"ip_ranges": ["::1/128"]}`, `{"a": 1, "a": 2}`, `null`, `[]`, `{"key": "ssh-ed25519 AAAA"}`, `{"broadcast_messages": [{}]}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, value := range []any{
			&gitlab.User{}, &gitlab.Namespace{}, &gitlab.Project{}, &gitlab.Key{}, &deployKey{}, &gitlab.Member{},
			&gitlab.ProtectedBranch{}, &gitlab.PersonalAccessToken{}, &instance{}, &gitlab.Storage{}, &certificate{},
		} {
			var m mistakes
			fields := parse(json.RawMessage(text), "x", &m)
			if fields == nil {
				continue
			}
			v := reflect.ValueOf(value).Elem()
			schemaOf(v.Type()).merge(v, reflect.New(v.Type()).Elem(), fields, "x", true, &m)
			if _, err := json.Marshal(value); err != nil {
				t.Errorf("%T: %v", value, err)
			}
		}
	})
}

func FuzzFingerprint(f *testing.F) {
	f.Add("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIH66SyPc4kSb9GVSBiN221DEwck3wqeApf3u6cKh4A+B k101@example.com")
	f.Add("ssh-rsa AAAA")
	f.Add(`command="x" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIH66SyPc4kSb9GVSBiN221DEwck3wqeApf3u6cKh4A+B`)
	f.Add("# comment")
	f.Add("")
	f.Fuzz(func(t *testing.T, line string) {
		if got, ok := fingerprintOf(line); ok && checkFingerprint(got) != "" {
			t.Errorf("%q has fingerprint %q", line, got)
		}
	})
}

func TestFingerprintIsThatOfTheBlobAlone(t *testing.T) {
	const line = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIH66SyPc4kSb9GVSBiN221DEwck3wqeApf3u6cKh4A+B"
	want, ok := fingerprintOf(line)
	if !ok {
		t.Fatal("not a key")
	}
	for _, other := range []string{line + " comment", "  " + line + " a b c", line + "\t"} {
		if got, ok := fingerprintOf(other); !ok || got != want {
			t.Errorf("%q: got %q %v", other, got, ok)
		}
	}
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
		{"policies", "SecurityPolicy.yaml", []string{strings.Repeat("a", 256<<10)}, []string{strings.Repeat("a", 256<<10+1)}},
		{"protocols", "Instance.enabled_git_access_protocol", []string{"", "ssh", "http"}, []string{"SSH", "x"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for _, s := range test.right {
				if wrong := checkText(test.rule, s); wrong != "" {
					t.Errorf("%q: %s", s, wrong)
				}
			}
			for _, s := range test.wrong {
				if checkText(test.rule, s) == "" {
					t.Errorf("%q is taken", s)
				}
			}
		})
	}
}

func TestEveryRuleIsOfAFieldThatThereIs(t *testing.T) {
	fields := map[string]bool{}
	for _, value := range []any{
		instance{},
		gitlab.Broadcast{},
		gitlab.Storage{},
		gitlab.Namespace{},
		gitlab.User{},
		gitlab.Key{},
		deployKey{},
		gitlab.DeployKeyLink{},
		gitlab.Project{},
		gitlab.ErrorTrackingKey{},
		gitlab.Member{},
		gitlab.ProtectedBranch{},
		gitlab.ProtectedTag{},
		gitlab.Grantee{},
		gitlab.BranchDefaults{},
		gitlab.AllowedLevel{},
		gitlab.Ref{},
		gitlab.Snippet{},
		gitlab.MergeRequest{},
		certificate{},
		gitlab.PersonalAccessToken{},
		gitlab.Agent{},
		gitlab.AgentToken{},
		gitlab.SecurityPolicy{},
		gitlab.SAMLGroupLink{},
		gitlab.SCIMToken{},
		gitlab.SCIMIdentity{},
		gitlab.StorageLimitExclusion{},
	} {
		s := schemaOf(reflect.TypeOf(value))
		for _, f := range s.fields {
			fields[s.name+"."+f.name] = true
		}
	}
	for _, rules := range []any{texts, numbers, ranges, datesToo, lengths, limits, shapes} {
		for _, rule := range reflect.ValueOf(rules).MapKeys() {
			if !fields[rule.String()] {
				t.Errorf("%s is no field", rule)
			}
		}
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
