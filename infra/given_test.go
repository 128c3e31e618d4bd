package infra_test

import (
	"crypto/ed25519"
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"golang.org/x/crypto/ssh"

	"postern/local/gitaly/gitalytest"
	"postern/shared/gitlab"
	"postern/shared/store"
	storepushes "postern/shared/store/pushes"
	storetable "postern/shared/table"
)

// given is a document with records that the fixture lacks, so that every read and write of a role happens. They are licensed
// features, a certificate authority, a deploy key without a creator, and the Gitaly of project 7.
func given(t *testing.T, storage gitlab.Storage, r *gitalytest.Repository) []byte {
	t.Helper()
	public, err := ssh.NewPublicKey(ed25519.PublicKey(make([]byte, ed25519.PublicKeySize)))
	if err != nil {
		t.Fatal(err)
	}
	line := strings.TrimSpace(string(ssh.MarshalAuthorizedKey(public)))
	raw, err := json.Marshal(map[string]any{
		"storages": []any{storage},
		"refs": []any{
			map[string]any{"project_id": 7, "ref": "refs/heads/main", "target": r.B},
			map[string]any{"project_id": 7, "ref": "refs/heads/rel-1", "target": r.A},
		},
		"remove": map[string]any{"refs": []any{
			map[string]any{"project_id": 7, "ref": "refs/heads/dev"}, map[string]any{"project_id": 7, "ref": "refs/heads/rel-1x/y"},
		}},
		"instance":   map[string]any{"edition": "ee", "two_factor_for_cli": true, "gitlab_shell_operation_limit": 3},
		"users":      []any{map[string]any{"id": 12, "two_factor_enabled": true, "otp_secret": otpSecret}, map[string]any{"id": 13, "enterprise_group_id": 20}},
		"namespaces": []any{map[string]any{"id": 20, "saml_sso_url": "https://idp.example.com/sso", "git_audit": true}},
		"deploy_keys": []any{map[string]any{
			"id": 204, "creator_id": nil, "title": "orphan", "key": line, "projects": []any{map[string]any{"project_id": 7}},
		}},
		"merge_requests": []any{map[string]any{
			"project_id": 7, "iid": 1, "source_branch": "old", "target_branch": "main", "state": "merged",
		}},
		"agents":       []any{map[string]any{"id": 3, "name": "prod", "project_id": 7}},
		"agent_tokens": []any{map[string]any{"id": 1, "agent_id": 3, "token": "agt-prod"}},
		"scim_tokens": []any{
			map[string]any{"namespace_id": 20, "token": "scim-acme"}, map[string]any{"namespace_id": nil, "token": "scim-inst"},
		},
		"scim_identities": []any{
			map[string]any{"namespace_id": 20, "extern_uid": "u-mia", "user_id": 12},
			map[string]any{"namespace_id": 20, "extern_uid": "u-dan", "user_id": 13},
			map[string]any{"namespace_id": nil, "extern_uid": "u-dan", "user_id": 13},
		},
		"members": []any{
			map[string]any{"user_id": 1, "namespace_id": 20, "access_level": 50},
			map[string]any{"user_id": 12, "namespace_id": 20, "access_level": 50},
		},
		"ssh_certificates": []any{map[string]any{"namespace_id": 20, "fingerprint": authority, "title": "authority"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

const otpSecret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

const authority = "i9UpZKPQ83PBpZ9HVZWh5qZHD+HqEoijMcXqbqmNq8g"

// leave stores the effects of earlier requests: a message for the next push, and the lease item of many started pushes.
func leave(t *testing.T, s *store.Store, client *dynamodb.Client, table string) {
	t.Helper()
	app := gitlab.Repository{Kind: gitlab.ProjectRepository, ID: 7}
	if err := s.KeepMessage(t.Context(), 13, app, storepushes.MovedMessage, "moved"); err != nil {
		t.Fatal(err)
	}
	_, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table, Item: storetable.Item{
		"pk": &types.AttributeValueMemberS{Value: "lease#project-8"}, "sk": &types.AttributeValueMemberS{Value: "lease"},
		"begun": &types.AttributeValueMemberN{Value: "1000"},
	}})
	if err != nil {
		t.Fatal(err)
	}
}
