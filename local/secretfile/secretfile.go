// Package secretfile keeps the two secrets of a local system in files, in the forms that their owners use: what
// gitlab-shell and Gitaly sign with is 32 hex characters (any text is taken), what kas signs with is base64 of 32
// bytes. A file that is missing is made; one that exists is never written.
package secretfile

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"postern/shared/auth"
)

var errUnknown = errors.New("no such kind of secret (shell, kas)")

// ParseKind returns the kind of that name; the empty name is gitlab-shell's.
func ParseKind(name string) (auth.Kind, error) {
	switch name {
	case "", "shell":
		return auth.Shell, nil
	case "kas":
		return auth.KAS, nil
	default:
		return 0, fmt.Errorf("KIND=%s: %w", name, errUnknown)
	}
}

// Text returns the secret in the file as it is put into Secrets Manager: without surrounding white space, and checked
// to be what the kind demands.
func Text(kind auth.Kind, file string) (string, error) {
	content, err := os.ReadFile(file) //nolint:gosec // the file that the user named
	if err != nil {
		return "", fmt.Errorf("secret: %w", err)
	}
	text := strings.TrimSpace(string(content))
	if _, err := kind.Key(text); err != nil {
		return "", fmt.Errorf("secret in %s: %w", file, err)
	}
	return text, nil
}

// Key returns the bytes that sign: the text itself for gitlab-shell, what the base64 stands for with kas.
func Key(kind auth.Kind, file string) ([]byte, error) {
	text, err := Text(kind, file)
	if err != nil {
		return nil, err
	}
	return kind.Key(text)
}

// Ensure makes the file with a fresh secret (mode 0600, its directories 0700) when it is missing, and reports whether
// it did. A file that is there is left as it is, whoever made it, even between our look and our write.
func Ensure(kind auth.Kind, file string) (bool, error) {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return false, fmt.Errorf("make the secret: %w", err)
	}
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) //nolint:gosec // the file that the user named
	if errors.Is(err, fs.ErrExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("make the secret: %w", err)
	}
	_, err = io.WriteString(f, fresh(kind))
	if err := errors.Join(err, f.Close()); err != nil {
		return false, fmt.Errorf("make the secret: %w", err)
	}
	return true, nil
}

// fresh makes a secret as the owners' own installers do: no newline at the end.
func fresh(kind auth.Kind) string {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails: crypto/rand ends the program instead
	if kind == auth.KAS {
		return base64.StdEncoding.EncodeToString(raw)
	}
	return hex.EncodeToString(raw[:16])
}
