package directory_test

import (
	"encoding/json"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
)

// fingerprintOf returns what the directory computes of a key: its SHA-256 in base64, without prefix and padding.
func fingerprintOf(t *testing.T, line string) string {
	t.Helper()
	key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(line))
	if err != nil {
		t.Fatalf("parse key: %v", err)
	}
	return strings.TrimPrefix(ssh.FingerprintSHA256(key), "SHA256:")
}

// identityIn returns the identity, as JSON, of the first record of an array.
func identityIn(t *testing.T, document, array string) string {
	t.Helper()
	var records map[string][]map[string]any
	if err := json.Unmarshal([]byte(keys(t, document)), &records); err != nil {
		t.Fatalf("decode: %v", err)
	}
	record := records[array][0]
	identity := map[string]any{}
	if line, ok := record["key"].(string); ok && array == "ssh_certificates" {
		identity["fingerprint"] = fingerprintOf(t, line)
	}
	for _, known := range []string{"id", "project_id", "namespace_id", "name", "ref", "iid", "saml_group_name", "extern_uid"} {
		identity[known] = record[known]
	}
	if array == "members" {
		identity["user_id"] = record["user_id"]
	}
	if record["id"] != nil {
		identity = map[string]any{"id": record["id"]}
	}
	text, err := json.Marshal(withoutNulls(identity))
	if err != nil {
		t.Fatalf("encode: %v", err)
	}
	return string(text)
}
