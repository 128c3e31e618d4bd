package store_test

import (
	"testing"

	"postern/shared/gitlab"
	"postern/shared/store/tenants"
)

func TestSCIMTokensOpenTheirTenantOnly(t *testing.T) {
	at := func(path, token string) tenants.SCIMAccess {
		return tenants.SCIMAccess{GroupPath: path, Digest: gitlab.TokenDigest(token)}
	}
	ofInstance := func(token string) tenants.SCIMAccess {
		return tenants.SCIMAccess{Instance: true, Digest: gitlab.TokenDigest(token)}
	}
	rows := []struct {
		name, document string
		access         tenants.SCIMAccess
		want           string
	}{
		{"a group's own", `{}`, at("acme", "scim-acme"), ""},
		{"whatever the case of the path", `{}`, at("ACME", "scim-acme"), ""},
		{"none", `{}`, tenants.SCIMAccess{GroupPath: "acme"}, "token"},
		{"an unknown one", `{}`, at("acme", "nope"), "token"},
		{"another group's", `{}`, at("acme", "scim-beta"), "tenant"},
		{"at a group that is not there", `{}`, at("nowhere", "scim-beta"), "tenant"},
		{"at a group without SAML", `{}`, at("plain", "scim-beta"), "tenant"},
		{"at a sub-group", `{}`, at("acme/web", "scim-acme"), "tenant"},
		{"the instance's at a group", `{}`, at("acme", "scim-inst"), "tenant"},
		{"the instance's own", `{}`, ofInstance("scim-inst"), ""},
		{"a group's at the instance", `{}`, ofInstance("scim-acme"), "tenant"},
		{"an unknown one at the instance", `{}`, ofInstance("nope"), "token"},
		{"no token at the instance", `{}`, tenants.SCIMAccess{Instance: true}, "token"},
		{"SAML is turned off", `{"namespaces":[{"id":20,"saml_enabled":false}]}`, at("acme", "scim-acme"), "tenant"},
		{"SAML is taken away", `{"namespaces":[{"id":20,"saml_sso_url":null}]}`, at("acme", "scim-acme"), "tenant"},
		{"the token is disabled", `{"scim_tokens":[{"namespace_id":20,"enabled":false}]}`, at("acme", "scim-acme"), "tenant"},
		{"the token is exchanged", `{"scim_tokens":[{"namespace_id":20,"token":"other"}]}`, at("acme", "scim-acme"), "token"},
		{"the new token", `{"scim_tokens":[{"namespace_id":20,"token":"other"}]}`, at("acme", "other"), ""},
		{"the token is removed", `{"remove":{"scim_tokens":[{"namespace_id":20}]}}`, at("acme", "scim-acme"), "token"},
		{"the group is removed", `{"remove":{"namespaces":[{"id":20}]}}`, at("acme", "scim-acme"), "token"},
		{"the group is renamed, by its old path", `{"namespaces":[{"id":20,"path":"acme2"}]}`, at("acme", "scim-acme"), "tenant"},
		{"the group is renamed", `{"namespaces":[{"id":20,"path":"acme2"}]}`, at("acme2", "scim-acme"), ""},
		{"the group moves into another one", `{"namespaces":[{"id":20,"parent_id":22}]}`, at("acme", "scim-acme"), "tenant"},
		{"the group moves, by its new path", `{"namespaces":[{"id":20,"parent_id":22}]}`, at("plain/acme", "scim-acme"), "tenant"},
		{"the instance has no SAML", `{"instance":{"saml_enabled":false}}`, ofInstance("scim-inst"), "tenant"},
		{"a group does not need the instance's SAML", `{"instance":{"saml_enabled":false}}`, at("acme", "scim-acme"), ""},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, provisioned)
			_, _ = w.reader.LoadSCIMTenant(t.Context(), row.access) // what is remembered must not matter
			w.apply(row.document)
			for _, when := range []string{"with old hints", "warm"} {
				tenant, err := w.reader.LoadSCIMTenant(t.Context(), row.access)
				if known(err) != row.want {
					t.Errorf("%s: %v, want %q", when, err, row.want)
				}
				if err == nil && (tenant.Group == nil) != row.access.Instance {
					t.Errorf("%s: opened %+v", when, tenant.Group)
				}
			}
		})
	}
}

// Whatever is asked, the token is judged first.
func TestSCIMFunctionsAskForTheToken(t *testing.T) {
	w := newWorld(t, provisioned)
	ctx, s := t.Context(), w.reader
	group, err := s.CreateSCIMGroup(ctx, acme, tenants.NewSCIMGroup{DisplayName: "Ops"})
	if err != nil {
		t.Fatal(err)
	}
	asks := map[string]func(tenants.SCIMAccess) error{
		"LoadSCIMUser":  func(a tenants.SCIMAccess) error { _, err := s.LoadSCIMUser(ctx, a, "u-dan"); return err },
		"ListSCIMUsers": func(a tenants.SCIMAccess) error { _, err := s.ListSCIMUsers(ctx, a, 1, 20); return err },
		"FindSCIMUsers": func(a tenants.SCIMAccess) error {
			_, err := s.FindSCIMUsers(ctx, a, tenants.SCIMLookup{UID: "u-dan"})
			return err
		},
		"WalkSCIMUsers":    func(a tenants.SCIMAccess) error { _, err := s.WalkSCIMUsers(ctx, a); return err },
		"LoadSCIMNewcomer": func(a tenants.SCIMAccess) error { _, err := s.LoadSCIMNewcomer(ctx, a, newcomer("x")); return err },
		"LoadSCIMGroup": func(a tenants.SCIMAccess) error {
			_, err := s.LoadSCIMGroup(ctx, a, group.ID, tenants.SCIMMembers{})
			return err
		},
		"ListSCIMGroups": func(a tenants.SCIMAccess) error {
			_, err := s.ListSCIMGroups(ctx, a, 1, 20, tenants.SCIMMembers{})
			return err
		},
		"FindSCIMGroups": func(a tenants.SCIMAccess) error {
			_, err := s.FindSCIMGroups(ctx, a, tenants.SCIMGroupLookup{DisplayName: "Ops"}, tenants.SCIMMembers{})
			return err
		},
		"WalkSCIMGroups": func(a tenants.SCIMAccess) error {
			_, err := s.WalkSCIMGroups(ctx, a, tenants.SCIMMembers{})
			return err
		},
		"CreateSCIMGroup": func(a tenants.SCIMAccess) error {
			_, err := s.CreateSCIMGroup(ctx, a, tenants.NewSCIMGroup{DisplayName: "X"})
			return err
		},
	}
	for name, ask := range asks {
		for token, want := range map[string]string{"nope": "token", "scim-beta": "tenant", "scim-inst": "tenant"} {
			err := ask(tenants.SCIMAccess{GroupPath: "acme", Digest: gitlab.TokenDigest(token)})
			if known(err) != want {
				t.Errorf("%s with %s: %v, want %q", name, token, err, want)
			}
		}
	}
}
