package store_test

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"postern/shared/gitlab"
	"postern/shared/store/pushes"
)

// incompressible returns the creations of branches with random names.
func incompressible(n int) string {
	source := rand.NewChaCha8([32]byte{1})
	var b strings.Builder
	for range n {
		var name [600]byte
		_, _ = source.Read(name[:])
		fmt.Fprintf(&b, "%s %s refs/heads/%s\n", object("0"), object("a"), base64.RawURLEncoding.EncodeToString(name[:]))
	}
	return b.String()
}

func TestStorableChanges(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		raw  string
		want bool
	}{
		"one branch":              {incompressible(1), true},
		"long but compressible":   {strings.Repeat(incompressible(1), 6000), true},
		"long and incompressible": {incompressible(6000), false},
	} {
		if got := pushes.StorableChanges(tt.raw); got != tt.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// A push that /allowed has not seen is cut.
func TestAcceptPushCutsChanges(t *testing.T) {
	t.Parallel()
	l := newLeases(t, time.Now)
	raw := incompressible(6000)
	changes, err := gitlab.ParseChanges(raw)
	if err != nil {
		t.Fatal(err)
	}
	push := &pushes.AcceptedPush{Push: gitlab.Push{Repository: project7, Changes: changes, At: time.Now()}, RawChanges: raw}
	if _, again, err := l.store.AcceptPush(t.Context(), push); err != nil || again || push.ChangesTotal != 6000 {
		t.Fatalf("again %v, total %d, %v", again, push.ChangesTotal, err)
	}
}
