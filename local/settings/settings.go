// Package settings reads the variables of the local system's commands (PORT, DIRECTORY, PERSIST and the like), given as
// NAME=value arguments or in the environment, and reports all their problems at once.
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

// Settings say how a local system runs. All paths are absolute.
type Settings struct {
	Root            string // the module's directory
	Host            string // address to bind
	Port            int    // 0: a free one
	Directory       string // directory document to load
	DirectoryGiven  bool   // the user named the document, so it is loaded into kept data too
	DynamoDBPort    int    // 0: a free one
	SecretsPort     int    // 0: a free one
	ShellSecretFile string
	KASSecretFile   string
	Persist         string // directory that keeps the data; "": in memory
	Repositories    string // folder of bare repositories that the local Gitaly serves; "": there is none
	GitalyPort      int    // 0: a free one
	GitalyToken     string // "": the local Gitaly asks for none
}

// Variables are what a command was given: NAME=value arguments, then the environment. An empty value counts as none.
type Variables struct {
	arguments   map[string]string
	environment func(string) string
}

// errArgument says what an argument should look like.
var errArgument = errors.New("arguments are NAME=value")

// Parse takes a command's arguments; environment is asked for what they do not name.
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

// Get returns a variable's value, "" when it is not given.
func (v Variables) Get(name string) string {
	return cmp.Or(v.arguments[name], v.environment(name))
}

// Read returns the settings below the module's directory; the error lists every variable that is wrong.
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

// Where a local system and its Gitaly serve when PORT and GITALY_PORT are not given.
const (
	DefaultPort       = 3000
	DefaultGitalyPort = 8075 // Gitaly's own
)

// reader collects the problems of the variables that it reads.
type reader struct {
	variables Variables
	problems  []error
}

func (r *reader) problem(format string, args ...any) {
	r.problems = append(r.problems, fmt.Errorf(format, args...))
}

// port reads a TCP port; 0 is one, and means "any that is free".
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

// path reads a file's name; a relative one is below the working directory.
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

// folder looks whether a directory is there.
func (r *reader) folder(name, path string) {
	if info, err := os.Stat(path); err != nil {
		r.problem("%s=%s: %w", name, path, errors.Unwrap(err))
	} else if !info.IsDir() {
		r.problem("%s=%s: not a directory", name, path)
	}
}
