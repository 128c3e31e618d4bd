// Package state tells the commands about the systems that run on this machine: each running system leaves one file,
// named by its port, that says where its parts are. It holds no secret, only the names of the files that do.
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

// System is where the parts of a running system are.
type System struct {
	PID             int    `json:"pid"`
	URL             string `json:"url"`              // base URL of the functions, without a slash at the end
	DynamoDB        string `json:"dynamodb"`         // endpoint
	Secrets         string `json:"secrets"`          // endpoint; S3 is there too
	Gitaly          string `json:"gitaly,omitempty"` // as a storage names it; "" where there is none
	Table           string `json:"table"`
	Bucket          string `json:"bucket"` // takes directory documents that are too large for a payload
	ShellSecretFile string `json:"shell_secret_file"`
	KASSecretFile   string `json:"kas_secret_file"`
}

// ErrNotRunning says that no system is known on that port.
var ErrNotRunning = errors.New("no system runs on this port (start one with `make run`, or say which with PORT=)")

func file(root string, port int) string {
	return filepath.Join(root, ".cache", "run", strconv.Itoa(port)+".json")
}

// Save writes the file of the system on that port, below the module's directory.
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

// Load returns the system on that port; ErrNotRunning when there is none. A system that was killed leaves its file:
// whoever calls it will find nobody there.
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

// Remove forgets the system on that port. Forgetting one that is not known is fine.
func Remove(root string, port int) error {
	if err := os.Remove(file(root, port)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("forget the system on port %d: %w", port, err)
	}
	return nil
}
