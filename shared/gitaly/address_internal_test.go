package gitaly

import (
	"strings"
	"testing"
)

func TestTarget(t *testing.T) {
	cases := []struct {
		address, want string
		encrypted     bool
	}{
		{"tcp://gitaly.internal:8075", "passthrough:///gitaly.internal:8075", false},
		{"tcp://127.0.0.1:8075", "passthrough:///127.0.0.1:8075", false},
		{"tcp://[::1]:8075", "passthrough:///[::1]:8075", false},
		{"tls://gitaly.internal:9999", "passthrough:///gitaly.internal:9999", true},
		{"dns:///gitaly.internal:8075", "passthrough:///gitaly.internal:8075", false},
		{"unix:/run/gitaly.socket", "unix:/run/gitaly.socket", false},
		{"unix:///run/gitaly.socket", "unix:/run/gitaly.socket", false},
	}
	for _, c := range cases {
		t.Run(c.address, func(t *testing.T) {
			got, encrypted, err := target(c.address)
			if err != nil || got != c.want || encrypted != c.encrypted {
				t.Errorf("target = %s, %t, %v; want %s, %t", got, encrypted, err, c.want, c.encrypted)
			}
		})
	}
}

// What is taken for a host and a port, gRPC takes too, and it leads nowhere but there.
func FuzzTarget(f *testing.F) {
	for _, seed := range []string{"tcp://gitaly:8075", "tls://[::1]:1", "dns:///a:1", "unix:/x", "tcp://a b:1", "tcp://a/b:1", "tcp://%:1", "", ":"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, address string) {
		to, encrypted, err := target(address)
		if err != nil || strings.HasPrefix(to, "unix:") {
			return
		}
		if at, found := strings.CutPrefix(to, "passthrough:///"); !found || !strings.HasSuffix(address, at) {
			t.Errorf("%q leads to %q", address, to)
		}
		if encrypted != strings.HasPrefix(address, "tls://") {
			t.Errorf("%q is encrypted: %t", address, encrypted)
		}
		connection, err := dial(address, nil)
		if err != nil {
			t.Fatalf("gRPC does not take %q: %v", address, err)
		}
		_ = connection.Close()
	})
}
