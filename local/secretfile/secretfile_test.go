package secretfile_test

import (
	"bytes"
	"encoding/base64"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"postern/local/secretfile"
	"postern/shared/auth"
)

func TestEnsureUsesTheOwnersForm(t *testing.T) {
	forms := map[auth.Kind]*regexp.Regexp{
		auth.Shell: regexp.MustCompile(`^[0-9a-f]{32}$`),
		auth.KAS:   regexp.MustCompile(`^[A-Za-z0-9+/]{43}=$`),
	}
	for kind, form := range forms {
		t.Run(kind.Header(), func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "below", "secret")
			made, err := secretfile.Ensure(kind, file)
			if err != nil || !made {
				t.Fatalf("Ensure = %v, %v; want a new file", made, err)
			}
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !form.Match(content) {
				t.Errorf("content has %d bytes of another form than %s", len(content), form)
			}
			info, err := os.Stat(file)
			if err != nil {
				t.Fatal(err)
			}
			if info.Mode().Perm() != 0o600 {
				t.Errorf("mode = %v, want 0600", info.Mode().Perm())
			}
		})
	}
}

func TestEnsureKeepsAnExistingFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "shell")
	write(t, file, "mine\n")
	made, err := secretfile.Ensure(auth.Shell, file)
	if err != nil || made {
		t.Fatalf("Ensure = %v, %v; want the file kept", made, err)
	}
	if text, err := secretfile.Text(auth.Shell, file); err != nil || text != "mine" {
		t.Errorf("Text = %q, %v; want the file's own", text, err)
	}
}

func TestEnsureCreatesRandomSecrets(t *testing.T) {
	dir := t.TempDir()
	seen := map[string]bool{}
	for _, name := range []string{"a", "b", "c"} {
		file := filepath.Join(dir, name)
		if _, err := secretfile.Ensure(auth.KAS, file); err != nil {
			t.Fatal(err)
		}
		text, err := secretfile.Text(auth.KAS, file)
		if err != nil {
			t.Fatal(err)
		}
		seen[text] = true
	}
	if len(seen) != 3 {
		t.Errorf("%d different secrets of 3", len(seen))
	}
}

func TestKey(t *testing.T) {
	raw := bytes.Repeat([]byte{7}, 32)
	coded := base64.StdEncoding.EncodeToString(raw)
	cases := []struct {
		name    string
		kind    auth.Kind
		content string
		want    []byte
		mistake string
	}{
		{"shell signs with the raw text", auth.Shell, "abc", []byte("abc"), ""},
		{"shell tolerates white space around", auth.Shell, " abc\r\n", []byte("abc"), ""},
		{"shell rejects an empty file", auth.Shell, "\n", nil, "is empty"},
		{"kas signs with the decoded bytes", auth.KAS, coded, raw, ""},
		{"kas tolerates a trailing newline", auth.KAS, coded + "\n", raw, ""},
		{"kas rejects other text", auth.KAS, "not base64!", nil, "must be base64 of exactly 32 bytes"},
		{"kas rejects 31 bytes", auth.KAS, base64.StdEncoding.EncodeToString(raw[:31]), nil, "must be base64 of exactly 32 bytes"},
		{"kas rejects base64 without padding", auth.KAS, strings.TrimRight(coded, "="), nil, "must be base64 of exactly 32 bytes"},
		{"kas rejects an empty file", auth.KAS, "", nil, "must be base64 of exactly 32 bytes"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "secret")
			write(t, file, c.content)
			got, err := secretfile.Key(c.kind, file)
			if c.mistake == "" && (err != nil || !bytes.Equal(got, c.want)) {
				t.Errorf("Key = %q, %v; want %q", got, err, c.want)
			}
			if c.mistake != "" && (err == nil || !strings.Contains(err.Error(), c.mistake)) {
				t.Errorf("error = %v, want %q in it", err, c.mistake)
			}
			if err != nil && c.content != "" && strings.Contains(err.Error(), strings.TrimSpace(c.content)) && c.content != "\n" {
				t.Error("the error has the secret")
			}
		})
	}
}

func TestKeyNamesAMissingFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "none")
	if _, err := secretfile.Key(auth.Shell, file); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("error = %v, want %s in it", err, file)
	}
}

func TestParseKind(t *testing.T) {
	for name, want := range map[string]auth.Kind{"": auth.Shell, "shell": auth.Shell, "kas": auth.KAS} {
		if got, err := secretfile.ParseKind(name); err != nil || got != want {
			t.Errorf("ParseKind(%q) = %d, %v; want %d", name, got, err, want)
		}
	}
	if _, err := secretfile.ParseKind("gitaly"); err == nil {
		t.Error("ParseKind(gitaly) finds a kind")
	}
}

func write(t *testing.T, file, content string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
