// Package settings reads the variables of the local system's commands, such as PORT and DIRECTORY. They are NAME=value arguments or
// environment variables. It reports all problems together.
package settings

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Settings configure a local system. All paths are absolute.
type Settings struct {
	Root            string // the module's directory
	Host            string // address to bind
	Port            int    // 0: a free one
	Directory       string // directory document to load
	DirectoryGiven  bool   // DIRECTORY is set, so the document is loaded into persisted data too
	DynamoDBPort    int    // 0: a free one
	SecretsPort     int    // 0: a free one
	ShellSecretFile string
	KASSecretFile   string
	Persist         string // directory of persisted data, "": in memory
	Repositories    string // folder of the local Gitaly's bare repositories, "": no Gitaly
	GitalyPort      int    // 0: a free one
	GitalyToken     string // "": the local Gitaly needs none
}

// Variables are a command's NAME=value arguments, then the environment. An empty value counts as unset.
type Variables struct {
	arguments   map[string]string
	environment func(string) string
}

// errArgument describes the form of an argument.
var errArgument = errors.New("arguments are NAME=value")

// Parse parses a command's arguments. Variables that are not among them come from environment.
func Parse(arguments []string, environment func(string) string) (Variables, error) {
	v := Variables{arguments: map[string]string{}, environment: environment}
	for _, argument := range arguments {
		name, value, found := strings.Cut(argument, "=")
		if !found || name == "" {
			return Variables{}, fmt.Errorf("%s: %w", argument, errArgument)
		}
		v.arguments[name] = value
	}
	return v, nil
}

// Get returns a variable's value, or "".
func (v Variables) Get(name string) string {
	return cmp.Or(v.arguments[name], v.environment(name))
}

// Read returns the settings. Relative paths start at the module's directory. The error lists every invalid variable.
func Read(root string, v Variables) (Settings, error) {
	r := reader{variables: v}
	s := Settings{
		Root:            root,
		Host:            cmp.Or(v.Get("HOST"), "127.0.0.1"),
		Port:            r.port("PORT", DefaultPort),
		Directory:       r.path("DIRECTORY", filepath.Join(root, "local", "directory.json")),
		DirectoryGiven:  v.Get("DIRECTORY") != "",
		DynamoDBPort:    r.port("DYNAMODB_PORT", 0),
		SecretsPort:     r.port("SECRETS_PORT", 0),
		ShellSecretFile: r.path("SHELL_SECRET_FILE", filepath.Join(root, "local", "secrets", "shell")),
		KASSecretFile:   r.path("KAS_SECRET_FILE", filepath.Join(root, "local", "secrets", "kas")),
		Persist:         r.path("PERSIST", ""),
		Repositories:    r.path("REPOSITORIES", ""),
		GitalyPort:      r.port("GITALY_PORT", DefaultGitalyPort),
		GitalyToken:     v.Get("GITALY_TOKEN"),
	}
	if file, err := os.Stat(s.Directory); err != nil {
		r.problem("DIRECTORY=%s: %v", s.Directory, errors.Unwrap(err))
	} else if !file.Mode().IsRegular() {
		r.problem("DIRECTORY=%s: not a file", s.Directory)
	}
	if s.Repositories != "" {
		r.folder("REPOSITORIES", s.Repositories)
	}
	return s, errors.Join(r.problems...)
}

// The default ports of a local system and its Gitaly.
const (
	DefaultPort       = 3000
	DefaultGitalyPort = 8075 // Gitaly's own
)

// reader collects the problems of variables.
type reader struct {
	variables Variables
	problems  []error
}

func (r *reader) problem(format string, args ...any) {
	r.problems = append(r.problems, fmt.Errorf(format, args...))
}

// port reads a TCP port. 0 means any free port.
func (r *reader) port(name string, otherwise int) int {
	text := r.variables.Get(name)
	if text == "" {
		return otherwise
	}
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		r.problem("%s=%s: must be a port, 0 to 65535", name, text)
		return otherwise
	}
	return int(port)
}

// path reads a file's name. A relative one starts at the working directory.
func (r *reader) path(name, otherwise string) string {
	text := r.variables.Get(name)
	if text == "" {
		return otherwise
	}
	absolute, err := filepath.Abs(text)
	if err != nil {
		r.problem("%s=%s: %w", name, text, err)
	}
	return absolute
}

// folder checks that a directory exists.
func (r *reader) folder(name, path string) {
	if info, err := os.Stat(path); err != nil {
		r.problem("%s=%s: %w", name, path, errors.Unwrap(err))
	} else if !info.IsDir() {
		r.problem("%s=%s: not a directory", name, path)
	}
}
