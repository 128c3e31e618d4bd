package store_test

import (
	"crypto/ed25519"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
)

// key returns an authorized_keys line, the same one for the same number.
func key(t testing.TB, n byte) string {
	t.Helper()
	seed := make([]byte, ed25519.SeedSize)
	seed[0] = n
	public, err := ssh.NewPublicKey(ed25519.NewKeyFromSeed(seed).Public())
	if err != nil {
		t.Fatalf("make key: %v", err)
	}
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(public)))
}

type (
	m = map[string]any
	l = []any
)

// full is a document with a record of every kind.
func full(t testing.TB) m {
	return m{
		"instance": m{"url": "https://gitlab.example.com", "broadcast_messages": l{
			m{"message": "hi", "starts_at": "2026-01-01T00:00:00Z", "ends_at": "2027-01-01T00:00:00Z"},
		}},
		"storages": l{m{"name": "default", "address": "unix:/a"}, m{"name": "other", "address": "unix:/b"}},
		"users": l{
			m{"id": 1, "username": "ann", "name": "Ann", "email": "ann@example.com", "enterprise_group_id": 20},
			m{"id": 2, "username": "bob", "name": "Bob", "email": "bob@example.com"},
			m{"id": 3, "username": "cy", "name": "Cy", "email": "cy@example.com"},
			m{"id": 4, "username": "ghost", "name": "Ghost", "email": "ghost@example.com", "user_type": "ghost"},
		},
		"namespaces": l{
			m{"id": 21, "kind": "group", "path": "team", "parent_id": 20},
			m{"id": 20, "kind": "group", "path": "acme", "redirects": l{"oldacme"}},
			m{"id": 22, "kind": "group", "path": "inner", "parent_id": 21},
			m{"id": 102, "kind": "user", "path": "bob", "owner_id": 2},
		},
		"projects": l{
			m{"id": 7, "namespace_id": 21, "path": "app", "redirects": l{"acme/old"}},
			m{"id": 8, "namespace_id": 20, "path": "lib", "storage": "other"},
			m{"id": 9, "namespace_id": 102, "path": "own"},
			m{"id": 10, "namespace_id": 1_000_000_000_001, "path": "app"},
		},
		"keys": l{
			m{"id": 101, "user_id": 1, "title": "k1", "key": key(t, 1)},
			m{"id": 102, "user_id": 2, "title": "k2", "key": key(t, 2)},
			m{"id": 103, "user_id": nil, "title": "k3", "key": key(t, 3)},
		},
		"deploy_keys": l{
			m{"id": 201, "creator_id": 2, "title": "d", "key": key(t, 4), "projects": l{
				m{"project_id": 7}, m{"project_id": 8, "can_push": true},
			}},
		},
		"members": l{
			m{"user_id": 1, "namespace_id": 20, "access_level": 50},
			m{"user_id": 2, "project_id": 7, "access_level": 30},
			m{"user_id": 3, "namespace_id": 22, "access_level": 20, "expires_at": "2030-01-01"},
		},
		"protected_branches": l{
			m{"project_id": 7, "name": "main", "push_access_levels": l{
				m{"user_id": 2}, m{"group_id": 22}, m{"deploy_key_id": 201}, m{"access_level": 40},
			}},
			m{"namespace_id": 20, "name": "rel-*", "push_access_levels": l{m{"access_level": 0}}},
		},
		"protected_tags": l{m{"project_id": 7, "name": "v*", "create_access_levels": l{m{"user_id": 3}}}},
		"refs":           l{m{"project_id": 7, "ref": "refs/heads/main", "target": strings.Repeat("a", 40)}},
		"snippets":       l{m{"id": 31, "author_id": 2}, m{"id": 32, "author_id": 1, "project_id": 7}},
		"merge_requests": l{
			m{"project_id": 7, "iid": 1, "source_branch": "x", "target_branch": "main"},
			m{"project_id": 7, "iid": 2, "source_project_id": 9, "source_branch": "y", "target_branch": "main", "allow_collaboration": true},
		},
		"ssh_certificates":       l{m{"namespace_id": 20, "key": key(t, 5), "title": "ca"}},
		"personal_access_tokens": l{m{"id": 1, "user_id": 2, "name": "t", "scopes": l{"api"}, "token": "secret-pat"}},
		"agents": l{
			m{"id": 3, "name": "prod", "project_id": 7, "created_by_user_id": 2},
			m{"id": 4, "name": "edge", "project_id": 9},
		},
		"agent_tokens":             l{m{"id": 5, "agent_id": 3, "token": "agt-1"}, m{"id": 6, "agent_id": 4, "token": "agt-2"}},
		"security_policies":        l{m{"namespace_id": 20, "name": "p", "type": "scan_execution", "yaml": "name: p"}},
		"saml_group_links":         l{m{"namespace_id": 20, "saml_group_name": "Ops", "access_level": 40}},
		"scim_tokens":              l{m{"namespace_id": 20, "token": "scim-1"}, m{"namespace_id": nil, "token": "scim-2"}},
		"scim_identities":          l{m{"namespace_id": 20, "extern_uid": "u-bob", "user_id": 2}, m{"extern_uid": "i-cy", "user_id": 3}},
		"storage_limit_exclusions": l{m{"namespace_id": 20, "reason": "big"}},
	}
}

// moved is a document on top of full: renames, swaps, moves, links and removals.
func moved(t testing.TB) m {
	return m{
		"users": l{
			m{"id": 1, "username": "cy", "email": "cy@example.com"},   // takes over from 3,
			m{"id": 3, "username": "ann", "email": "ann@example.com"}, // which takes over from 1
			m{"id": 5, "username": "bob", "name": "New Bob", "email": "bob@example.com"},
		},
		"namespaces": l{
			m{"id": 30, "kind": "group", "path": "acme"}, // wraps the one that had the path
			m{"id": 20, "parent_id": 30, "path": "core"},
			m{"id": 22, "parent_id": 20},
		},
		"projects":    l{m{"id": 9, "namespace_id": 22, "path": "kept"}, m{"id": 8, "path": "library", "redirects": l{"x/y"}}},
		"keys":        l{m{"id": 110, "user_id": 5, "title": "taken over", "key": key(t, 2)}},
		"deploy_keys": l{m{"id": 201, "projects": l{m{"project_id": 8}, m{"project_id": 9}}}},
		"protected_branches": l{
			m{"project_id": 7, "name": "main", "allow_force_push": true},
		},
		"merge_requests": l{m{"project_id": 7, "iid": 2, "state": "merged"}},
		"remove": m{
			"users":          l{m{"id": 2}},
			"protected_tags": l{m{"project_id": 7, "name": "v*"}},
			"agents":         l{m{"id": 4}},
			"storages":       l{m{"name": "other"}},
		},
	}
}

// gone removes what is left of the groups.
func gone(testing.TB) m {
	return m{"remove": m{"namespaces": l{m{"id": 30}}, "users": l{m{"id": 1}, m{"id": 3}}}}
}
