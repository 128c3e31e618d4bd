package directory_test

import (
	"encoding/json"
	"testing"
)

// settings returns settings and storages as JSON.
func (tab table) settings() string {
	tab.t.Helper()
	s, err := tab.LoadSettings(tab.t.Context())
	if err != nil {
		tab.t.Fatalf("load settings: %v", err)
	}
	text, err := json.Marshal(s)
	if err != nil {
		tab.t.Fatalf("encode: %v", err)
	}
	return string(text)
}

func TestEverySettingHasItsDefaultAndIsKeptAndCleared(t *testing.T) {
	tests := []struct{ field, byDefault, other, kept string }{
		{"url", `"http://localhost:3000"`, `"https://gitlab.example.com"`, ""},
		{"ssh_host", `null`, `"ssh.example.com"`, ""},
		{"ssh_port", `22`, `2222`, ""},
		{"version", `null`, `"18.0.0"`, ""},
		{"revision", `null`, `"abc"`, ""},
		{"edition", `"ee"`, `"ce"`, ""},
		{"enabled_git_access_protocol", `null`, `"http"`, ""},
		{"git_config_options", `["uploadpack.allowFilter=true", "uploadpack.allowAnySHA1InWant=true"]`, `["a.b=c"]`, ""},
		{"receive_max_input_size", `null`, `5`, ""},
		{"gitlab_shell_operation_limit", `600`, `0`, `null`},
		{"terms_version", `null`, `2`, ""},
		{"maintenance_mode", `null`, `true`, ""},
		{"read_only", `null`, `true`, ""},
		{"personal_access_token_prefix", `"glpat-"`, `"x-"`, ""},
		{"max_personal_access_token_lifetime", `null`, `30`, ""},
		{"require_personal_access_token_expiry", `null`, `true`, ""},
		{"lfs_token_ttl", `1800`, `60`, ""},
		{"two_factor_for_cli", `null`, `true`, ""},
		{"error_tracking_enabled", `true`, `false`, `null`},
		{"error_tracking_access_token", `null`, `"secret"`, ""},
		{"default_storage", `"default"`, `"nfs"`, ""},
		{"check_namespace_plan", `true`, `false`, `null`},
		{"saml_enabled", `true`, `false`, `null`},
		{"default_branch_protection", `null`, `0`, ""},
		{"default_branch_protection_defaults", `null`, `{"allowed_to_merge": [{"access_level": 40}], "developer_can_initial_push": true}`, ""},
	}
	tab := opened(t, ground, `{"instance": {}}`)
	for _, test := range tests {
		t.Run(test.field, func(t *testing.T) {
			tab := tab.with(t)
			holds(t, tab.settings(), `{"`+test.field+`": `+test.byDefault+`}`)
			tab.applied(`{"instance": {"` + test.field + `": ` + test.other + `}}`)
			kept := test.kept
			if kept == "" {
				kept = test.other
			}
			holds(t, tab.settings(), `{"`+test.field+`": `+kept+`}`)
			tab.applied(`{"instance": {}}`)
			holds(t, tab.settings(), `{"`+test.field+`": `+kept+`}`)
			tab.applied(`{"instance": {"` + test.field + `": null}}`)
			holds(t, tab.settings(), `{"`+test.field+`": `+test.byDefault+`}`)
		})
	}
}

func TestStorages(t *testing.T) {
	tests := []struct{ name, document, want string }{
		{"a new one has no token and no features", `{"storages": [{"name": "s", "address": "tls://h:1"}]}`, `{"name": "s", "address": "tls://h:1"}`},
		{
			"its token is kept in clear: it is sent to clients", `{"storages": [{"name": "s", "token": "t"}]}`,
			`{"name": "s", "address": "tls://h:1", "token": "t"}`,
		},
		{
			"what is left out stays", `{"storages": [{"name": "s", "features": {"a": "true"}}]}`,
			`{"name": "s", "address": "tls://h:1", "token": "t", "features": {"a": "true"}}`,
		},
		{
			"features replace those before", `{"storages": [{"name": "s", "features": {"b": "false"}}]}`,
			`{"name": "s", "address": "tls://h:1", "token": "t", "features": {"b": "false"}}`,
		},
		{"null clears", `{"storages": [{"name": "s", "token": null, "features": null}]}`, `{"name": "s", "address": "tls://h:1"}`},
		{"no features are none", `{"storages": [{"name": "s", "features": {}}]}`, `{"name": "s", "address": "tls://h:1"}`},
		{"removed", `{"remove": {"storages": [{"name": "s"}]}}`, `null`},
	}
	tab := opened(t, ground)
	for _, test := range tests { // each goes on where the one before ended
		tab.applied(test.document)
		storages, ok := fields(t, tab.settings())["storages"].(map[string]any)
		if !ok {
			t.Fatalf("%s: there are no storages", test.name)
		}
		got, _ := json.Marshal(storages["s"])
		var want any
		if err := json.Unmarshal([]byte(test.want), &want); err != nil {
			t.Fatalf("decode: %v", err)
		}
		if as, _ := json.Marshal(want); string(as) != string(got) {
			t.Errorf("%s: got %s, want %s", test.name, got, as)
		}
	}
}
