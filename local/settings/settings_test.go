package settings_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"postern/local/settings"
)

// root creates a module's directory with the demo document in its place.
func root(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "local"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "local", "directory.json"), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func variables(t *testing.T, arguments ...string) settings.Variables {
	t.Helper()
	v, err := settings.Parse(arguments, func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestReadDefaults(t *testing.T) {
	dir := root(t)
	got, err := settings.Read(dir, variables(t))
	if err != nil {
		t.Fatal(err)
	}
	want := settings.Settings{
		Root:            dir,
		Host:            "127.0.0.1",
		Port:            3000,
		Directory:       filepath.Join(dir, "local", "directory.json"),
		ShellSecretFile: filepath.Join(dir, "local", "secrets", "shell"),
		KASSecretFile:   filepath.Join(dir, "local", "secrets", "kas"),
		GitalyPort:      8075,
	}
	if got != want {
		t.Errorf("Read = %+v\nwant %+v", got, want)
	}
}

func TestReadGivenValues(t *testing.T) {
	dir := root(t)
	t.Chdir(dir)
	document := filepath.Join(dir, "mine.json")
	if err := os.WriteFile(document, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := settings.Read(dir, variables(t, "HOST=0.0.0.0", "PORT=3100", "DIRECTORY=mine.json", "DYNAMODB_PORT=8000",
		"SECRETS_PORT=5000", "SHELL_SECRET_FILE=/s/shell", "KAS_SECRET_FILE=/s/kas", "PERSIST=data",
		"REPOSITORIES=local", "GITALY_PORT=0", "GITALY_TOKEN=gtok"))
	if err != nil {
		t.Fatal(err)
	}
	want := settings.Settings{
		Root: dir, Host: "0.0.0.0", Port: 3100, Directory: document, DirectoryGiven: true, DynamoDBPort: 8000,
		SecretsPort: 5000, ShellSecretFile: "/s/shell", KASSecretFile: "/s/kas", Persist: filepath.Join(dir, "data"),
		Repositories: filepath.Join(dir, "local"), GitalyToken: "gtok",
	}
	if got != want {
		t.Errorf("Read = %+v\nwant %+v", got, want)
	}
}

func TestReadListsEveryProblem(t *testing.T) {
	_, err := settings.Read(root(t), variables(t, "PORT=many", "DYNAMODB_PORT=70000", "SECRETS_PORT=-1", "DIRECTORY=/no/such.json",
		"REPOSITORIES=/no/such", "GITALY_PORT=many"))
	if err == nil {
		t.Fatal("no error")
	}
	for _, part := range []string{
		"PORT=many", "DYNAMODB_PORT=70000", "SECRETS_PORT=-1", "/no/such.json: no such file",
		"REPOSITORIES=/no/such: no such file", "GITALY_PORT=many",
	} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error lacks %q:\n%v", part, err)
		}
	}
}

func TestReadRejectsADirectoryAsDocument(t *testing.T) {
	dir := root(t)
	if _, err := settings.Read(dir, variables(t, "DIRECTORY="+dir)); err == nil || !strings.Contains(err.Error(), "not a file") {
		t.Errorf("error = %v, want one about a file", err)
	}
}

func TestReadRejectsAFileAsRepositories(t *testing.T) {
	dir := root(t)
	file := filepath.Join(dir, "local", "directory.json")
	if _, err := settings.Read(dir, variables(t, "REPOSITORIES="+file)); err == nil || !strings.Contains(err.Error(), "not a directory") {
		t.Errorf("error = %v, want one about a directory", err)
	}
}

func TestArgumentsOverrideTheEnvironment(t *testing.T) {
	environment := map[string]string{"PORT": "1", "TTL": "5"}
	v, err := settings.Parse([]string{"PORT=2", "DATA=a=b"}, func(name string) string { return environment[name] })
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"PORT": "2", "TTL": "5", "DATA": "a=b", "KIND": ""} {
		if got := v.Get(name); got != want {
			t.Errorf("Get(%s) = %q, want %q", name, got, want)
		}
	}
}

func TestParseRejectsOtherArguments(t *testing.T) {
	for _, argument := range []string{"port", "=3000", "--help"} {
		if _, err := settings.Parse([]string{argument}, os.Getenv); err == nil {
			t.Errorf("Parse(%s) returned no error", argument)
		}
	}
}
