package credential_test

import (
	"crypto/rand"
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"postern/shared/credential"
	"postern/shared/gitlab"
)

// A repeated request gets the same codes while the key exists, despite rotations. Other requests do not.
func TestRepeatCodesNeedsKeyAndRequest(t *testing.T) {
	ctx := t.Context()
	codes, seal, err := credential.NewMint(of("old"), rand.Reader).Codes(ctx, "request")
	if err != nil || len(slices.Compact(slices.Sorted(slices.Values(codes)))) != 10 {
		t.Fatalf("%v, %v", codes, err)
	}
	later := of("new")
	later.newer = [][]byte{[]byte("newest"), []byte("old")}
	rows := []struct {
		name    string
		source  *keys
		request string
		want    bool
	}{
		{"by the current key", of("old"), "request", true},
		{"by the previous key", of("new", "old"), "request", true},
		{"by a key that has to be fetched", later, "request", true},
		{"for another request", of("old"), "another", false},
		{"by another key", of("new", "newer"), "request", false},
		{"while no key can be fetched", &keys{known: [][]byte{[]byte("new")}, err: errors.New("unreachable")}, "request", false},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			again, err := credential.NewMint(row.source, rand.Reader).RepeatCodes(ctx, row.request, seal)
			if (err == nil) != row.want || row.want && !slices.Equal(again, codes) {
				t.Errorf("%v, %v", again, err)
			}
		})
	}
	other, _, err := credential.NewMint(of("old"), rand.Reader).Codes(ctx, "request")
	if err != nil || slices.Equal(other, codes) {
		t.Errorf("new codes equal the old ones: %v", err)
	}
}

func TestTokenIsRepeatable(t *testing.T) {
	mint := credential.NewMint(of("key"), rand.Reader)
	token, seal, err := mint.Token(t.Context(), "request", "glpat-")
	if err != nil || !regexp.MustCompile(`^glpat-[\w-]{20}$`).MatchString(token) {
		t.Fatalf("%q, %v", token, err)
	}
	if again, err := mint.RepeatToken(t.Context(), "request", "glpat-", seal); err != nil || again != token {
		t.Errorf("again %q, %v", again, err)
	}
	if strings.Contains(seal.Salt+seal.Proof, token[6:]) {
		t.Error("the seal contains the token")
	}
}

func TestMintFailsWithoutRandomness(t *testing.T) {
	none := strings.NewReader("short")
	if made, _, err := credential.NewMint(of("key"), none).Codes(t.Context(), "request"); err == nil {
		t.Errorf("made %v", made)
	}
	dan := gitlab.Actor{User: &gitlab.User{ID: 13, Username: "dan", State: gitlab.UserActive}}
	if token, err := credential.NewLFS(of("key"), clock, strings.NewReader("")).Sign(t.Context(), dan, time.Hour); err == nil {
		t.Errorf("signed %q", token)
	}
}
