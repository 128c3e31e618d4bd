package directory_test

import (
	"testing"
	"time"

	"postern/shared/directory"
	"postern/shared/store"
	"postern/shared/storetest"
)

// A certificate authority is known by its fingerprint, or by the key that it is computed from.
func TestCertificateIsRemovedByFingerprintOrKey(t *testing.T) {
	const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIH66SyPc4kSb9GVSBiN221DEwck3wqeApf3u6cKh4A+B"
	rows := map[string]string{
		"by fingerprint": `"fingerprint": "` + fingerprintOf(t, key) + `"`,
		"by key":         `"key": "` + key + `"`,
	}
	for name, identity := range rows {
		t.Run(name, func(t *testing.T) {
			client, table := storetest.Open(t)
			s := store.New(client, table, time.Now)
			apply := func(document string) directory.Result {
				result, err := directory.Load(t.Context(), s, []byte(document))
				if err != nil || len(result.Mistakes) > 0 {
					t.Fatalf("load: %v %v", err, result.Mistakes)
				}
				return result
			}
			apply(`{"namespaces": [{"id": 20, "kind": "group", "path": "acme"}],
				"ssh_certificates": [{"namespace_id": 20, "key": "` + key + `", "title": "ca"}]}`)
			removed := apply(`{"remove": {"ssh_certificates": [{"namespace_id": 20, ` + identity + `}]}}`)
			if got := removed.Counts["ssh_certificates"].Removed; got != 1 {
				t.Errorf("%d removed, want 1", got)
			}
		})
	}
}
