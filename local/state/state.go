// Package state gives the commands the addresses of the running systems on this machine. Each running system has one file, named by its
// port. The file contains paths of the secret files and no secret.
package state

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
)

// System has the addresses of a running system.
type System struct {
	PID             int    `json:"pid"`
	URL             string `json:"url"`              // base URL of the functions, without a slash at the end
	DynamoDB        string `json:"dynamodb"`         // endpoint
	Secrets         string `json:"secrets"`          // endpoint, also of S3
	Gitaly          string `json:"gitaly,omitempty"` // in the form of a storage's address, "" without one
	Table           string `json:"table"`
	Bucket          string `json:"bucket"` // for directory documents that are too large for a payload
	ShellSecretFile string `json:"shell_secret_file"`
	KASSecretFile   string `json:"kas_secret_file"`
}

// ErrNotRunning means that no running system has the port.
var ErrNotRunning = errors.New("no system runs on this port (start one with `make run`, or select one with PORT=)")

func file(root string, port int) string {
	return filepath.Join(root, ".cache", "run", strconv.Itoa(port)+".json")
}

// Save writes the file of the system with that port, below the module's directory.
func Save(root string, port int, s System) error {
	name := file(root, port)
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return fmt.Errorf("save the system's state: %w", err)
	}
	content, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fmt.Errorf("save the system's state: %w", err)
	}
	if err := os.WriteFile(name, append(content, '\n'), 0o600); err != nil {
		return fmt.Errorf("save the system's state: %w", err)
	}
	return nil
}

// Load returns the system with that port, or ErrNotRunning. A killed system leaves its file, so its addresses may be dead.
func Load(root string, port int) (System, error) {
	content, err := os.ReadFile(file(root, port))
	if errors.Is(err, fs.ErrNotExist) {
		return System{}, fmt.Errorf("port %d: %w", port, ErrNotRunning)
	}
	if err != nil {
		return System{}, fmt.Errorf("state of the system on port %d: %w", port, err)
	}
	var s System
	if err := json.Unmarshal(content, &s); err != nil {
		return System{}, fmt.Errorf("state of the system on port %d: %w", port, err)
	}
	return s, nil
}

// Remove deletes the file of the system with that port, if it exists.
func Remove(root string, port int) error {
	if err := os.Remove(file(root, port)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove the state of the system on port %d: %w", port, err)
	}
	return nil
}
