// Package secretfile stores the two secrets of a local system in files, in the forms of their owners. The file of gitlab-shell and
// Gitaly has 32 hex characters (any text is accepted). The file of kas has base64 of 32 bytes. A missing file is created, an existing
// one is never changed.
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

// ParseKind returns the kind with a name. The empty name is gitlab-shell's.
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

// Text returns the secret in the file in the form for Secrets Manager: checked, and without surrounding white space.
func Text(kind auth.Kind, file string) (string, error) {
	content, err := os.ReadFile(file) //nolint:gosec // the user's file
	if err != nil {
		return "", fmt.Errorf("secret: %w", err)
	}
	text := strings.TrimSpace(string(content))
	if _, err := kind.Key(text); err != nil {
		return "", fmt.Errorf("secret in %s: %w", file, err)
	}
	return text, nil
}

// Key returns the signing bytes: the text itself for gitlab-shell, the decoded base64 for kas.
func Key(kind auth.Kind, file string) ([]byte, error) {
	text, err := Text(kind, file)
	if err != nil {
		return nil, err
	}
	return kind.Key(text)
}

// Ensure creates a missing file with a new secret (mode 0600, directories 0700). It reports whether it created the file. It never
// changes an existing file, even one that another process creates concurrently.
func Ensure(kind auth.Kind, file string) (bool, error) {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return false, fmt.Errorf("create the secret: %w", err)
	}
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) //nolint:gosec // the user's file
	if errors.Is(err, fs.ErrExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("create the secret: %w", err)
	}
	_, err = io.WriteString(f, fresh(kind))
	if err := errors.Join(err, f.Close()); err != nil {
		return false, fmt.Errorf("create the secret: %w", err)
	}
	return true, nil
}

// fresh returns a new secret in the form of the owners' installers, without a newline at the end.
func fresh(kind auth.Kind) string {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails: crypto/rand ends the program instead
	if kind == auth.KAS {
		return base64.StdEncoding.EncodeToString(raw)
	}
	return hex.EncodeToString(raw[:16])
}
