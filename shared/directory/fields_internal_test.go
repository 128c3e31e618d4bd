package directory

import (
	"encoding/json"
	"reflect"
	"testing"

	"go.uber.org/goleak"

	"postern/shared/directory/document"
	"postern/shared/gitlab"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

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
			var m document.Mistakes
			fields := document.Parse(json.RawMessage(text), "x", &m)
			if fields == nil {
				continue
			}
			v := reflect.ValueOf(value).Elem()
			document.SchemaOf(v.Type()).Merge(v, reflect.New(v.Type()).Elem(), fields, "x", true, &m)
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
		if got, ok := fingerprintOf(line); ok && document.CheckText("certificate.fingerprint", got) != "" {
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
		s := document.SchemaOf(reflect.TypeOf(value))
		for _, f := range s.Fields {
			fields[s.Name+"."+f.Name] = true
		}
	}
	for _, rules := range []any{document.Texts, document.Numbers, document.Ranges, document.DatesToo, document.Lengths, document.Limits, document.Shapes} {
		for _, rule := range reflect.ValueOf(rules).MapKeys() {
			if !fields[rule.String()] {
				t.Errorf("%s is no field", rule)
			}
		}
	}
}
