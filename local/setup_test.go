// Package local_test tests the scripts of the local system with fake tools.
package local_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// tools are fake tools. Each records its call and creates the files of the next step.
var tools = map[string]string{
	"java": `echo 'openjdk version "17.0.1" 2021-10-19' >&2`,
	"mvn": `for a; do case $a in -DoutputDirectory=*) mkdir -p "${a#*=}" && touch "${a#*=}/a.jar" ;; esac; done
echo mvn >>"$CALLS"`,
	"python3": `if [ "$2" = venv ]; then mkdir -p "$3/bin" && cp "$0" "$3/bin/python" && echo venv >>"$CALLS"; fi`,
	"go":      `if [ "$1" = build ]; then echo go >>"$CALLS"; fi`,
}

// usual are the script's tools that every machine has.
var usual = []string{"sh", "cat", "cksum", "cp", "dirname", "mkdir", "mv", "rm", "sed", "sleep", "tail", "touch"}

// sandbox is a copy of the script and its files, and a PATH with fake tools.
type sandbox struct {
	t   *testing.T
	dir string
}

func newSandbox(t *testing.T) sandbox {
	t.Helper()
	s := sandbox{t: t, dir: t.TempDir()}
	for _, name := range []string{"setup", "requirements.txt", "dynamodb/pom.xml", "docs/pom.xml"} {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		s.write("local/"+name, string(content))
	}
	s.write("go.mod", "module x\n")
	s.write("go.sum", "")
	for name, script := range tools {
		s.write("tools/"+name, "#!/bin/sh\n"+script+"\n")
	}
	for _, name := range usual {
		path, err := exec.LookPath(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(path, filepath.Join(s.dir, "tools", name)); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func (s sandbox) write(name, content string) {
	s.t.Helper()
	file := filepath.Join(s.dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o700); err != nil {
		s.t.Fatal(err)
	}
}

// run runs the script and returns its output, the recorded calls, and its success.
func (s sandbox) run(arguments ...string) (output, calls string, ok bool) {
	s.t.Helper()
	log := filepath.Join(s.dir, "calls")
	if err := os.RemoveAll(log); err != nil {
		s.t.Fatal(err)
	}
	cmd := exec.CommandContext(s.t.Context(), filepath.Join(s.dir, "local", "setup"), arguments...)
	cmd.Dir, cmd.Env = "/", []string{"PATH=" + filepath.Join(s.dir, "tools"), "CALLS=" + log}
	out, err := cmd.CombinedOutput()
	var exited *exec.ExitError
	if err != nil && !errors.As(err, &exited) {
		s.t.Fatal(err)
	}
	made, _ := os.ReadFile(log) // missing without calls
	return string(out), strings.Join(strings.Fields(string(made)), " "), err == nil
}

func TestSetupRunsEachStepOnce(t *testing.T) {
	s := newSandbox(t)
	output, calls, ok := s.run()
	if !ok || calls != "mvn mvn venv go" || strings.Count(output, "setup: ") != 4 {
		t.Fatalf("first run: %v, %s\n%s", ok, calls, output)
	}
	if _, err := os.Stat(filepath.Join(s.dir, ".cache", "dynamodb", "lib", "a.jar")); err != nil {
		t.Error(err)
	}
	if output, calls, ok = s.run("run"); !ok || calls != "" || output != "" {
		t.Errorf("second run: %v, %q, %q; want no output", ok, calls, output)
	}
}

func TestSetupRepeatsChangedSteps(t *testing.T) {
	cases := []struct{ name, change, want string }{
		{"other jars", "local/dynamodb/pom.xml", "mvn"},
		{"another viewer", "local/docs/pom.xml", "mvn"},
		{"other Python packages", "local/requirements.txt", "venv"},
		{"other Go modules", "go.sum", "go"},
		{"an interrupted step", ".cache/python/.stamp", "venv"},
		{"a lock of an ended process", ".cache/setup.lock/pid", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := newSandbox(t)
			if output, _, ok := s.run(); !ok {
				t.Fatal(output)
			}
			s.write(c.change, "99999999")
			if output, calls, ok := s.run(); !ok || calls != c.want {
				t.Errorf("%v, made %q, want %q\n%s", ok, calls, c.want, output)
			}
		})
	}
}

func TestSetupRepairsAnInterruptedSetup(t *testing.T) {
	s := newSandbox(t)
	s.write("tools/mvn", "#!/bin/sh\nmkdir -p \"$(dirname \"$0\")/../.cache/dynamodb/lib.new/half\"\necho no network >&2\nexit 1\n")
	output, _, ok := s.run()
	if ok || !strings.Contains(output, "no network") || !strings.Contains(output, "failed: DynamoDB Local") {
		t.Fatalf("%v\n%s", ok, output)
	}
	s.write(".cache/setup.lock/pid", "99999999")
	s.write("tools/mvn", "#!/bin/sh\n"+tools["mvn"]+"\n")
	if output, calls, ok := s.run(); !ok || calls != "mvn mvn venv go" {
		t.Fatalf("%v, made %q\n%s", ok, calls, output)
	}
	if _, err := os.Stat(filepath.Join(s.dir, ".cache", "dynamodb", "lib", "half")); err == nil {
		t.Error("files of the first attempt remain")
	}
}

func TestSetupReportsMissingToolsBeforeDownloads(t *testing.T) {
	cases := []struct {
		name  string
		tools map[string]string // "" removes one
		want  []string
	}{
		{"everything", map[string]string{"java": "", "mvn": "", "python3": "", "go": ""}, []string{"go: ", "java: ", "mvn: ", "python3: "}},
		{"an old Java", map[string]string{"java": `echo 'java version "1.8.0_392"' >&2`}, []string{"java: version 17 or newer (found 1)"}},
		{"a broken Java", map[string]string{"java": `exit 1`}, []string{"(found no version)"}},
		{"Python without venv", map[string]string{"python3": `case $2 in *ensurepip*) exit 1 ;; esac`}, []string{"python3-venv: "}},
		{"an old Python", map[string]string{"python3": `case $2 in *version_info*) exit 1 ;; esac`}, []string{"python3: version 3.10"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := newSandbox(t)
			for name, script := range c.tools {
				s.write("tools/"+name, "#!/bin/sh\n"+script+"\n")
				if script == "" {
					if err := os.Remove(filepath.Join(s.dir, "tools", name)); err != nil {
						t.Fatal(err)
					}
				}
			}
			output, calls, ok := s.run()
			if ok || calls != "" {
				t.Errorf("%v, made %q; want a failure before all steps", ok, calls)
			}
			for _, want := range c.want {
				if !strings.Contains(output, want) {
					t.Errorf("no %q in:\n%s", want, output)
				}
			}
		})
	}
}

func TestSetupRejectsUnknownParts(t *testing.T) {
	s := newSandbox(t)
	if output, _, ok := s.run("everything"); ok || !strings.Contains(output, "run, lint, validate") {
		t.Errorf("%v, %s", ok, output)
	}
}
