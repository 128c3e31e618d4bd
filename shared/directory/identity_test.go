package directory_test

import (
	"encoding/json"
	"testing"
)

// identityIn returns the identity, as JSON, of the first record of an array.
func identityIn(t *testing.T, document, array string) string {
	t.Helper()
	var records map[string][]map[string]any
	if err := json.Unmarshal([]byte(keys(t, document)), &records); err != nil {
		t.Fatalf("decode: %v", err)
	}
	record := records[array][0]
	if array == "ssh_certificates" { // as computed of the key
		return `{"namespace_id": 71, "fingerprint": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}`
	}
	identity := map[string]any{}
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
