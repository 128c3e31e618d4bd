package local_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// samTool is a fake sam. It builds the repository's template, and prints the arguments of `sam local`.
const samTool = `#!/bin/sh
case $1 in
build)
	[ ! -f broken ] || { echo cannot build; exit 1; }
	echo built for "$ARCH: $*"
	cp template.yaml "$3/template.yaml" ;;
local) shift; echo "ran $*" ;;
esac
`

// runSAM runs a copy of the script and its files on a machine with the processor. The first arguments may be environment variables.
func runSAM(t *testing.T, dir, processor string, arguments ...string) (string, error) {
	t.Helper()
	s := sandbox{t: t, dir: dir}
	for name, source := range map[string]string{"local/sam": "sam", "template.yaml": "../template.yaml"} {
		content, err := os.ReadFile(source)
		if err != nil {
			t.Fatal(err)
		}
		s.write(name, string(content))
	}
	s.write("local/setup", "#!/bin/sh\n[ \"$*\" = validate ]\n")
	s.write(".cache/validate/bin/sam", samTool)
	s.write(".cache/validate/bin/python", "#!/bin/sh\n[ ! -f no-engine ]\n")
	s.write("tools/uname", "#!/bin/sh\necho "+processor+"\n")
	environment := []string{"PATH=" + filepath.Join(dir, "tools") + ":" + os.Getenv("PATH")}
	for len(arguments) > 0 && strings.Contains(arguments[0], "=") {
		environment, arguments = append(environment, arguments[0]), arguments[1:]
	}
	cmd := exec.CommandContext(t.Context(), filepath.Join(dir, "local", "sam"), arguments...)
	cmd.Dir, cmd.Env = "/", environment
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func TestSAMPassesItsArguments(t *testing.T) {
	const usual = " --template-file .cache/sam/build/local.yaml --config-file DIR/samconfig.toml --parameter-overrides Architecture="
	cases := []struct {
		name, processor string
		arguments       []string
		want            string
	}{
		{"all functions by default", "x86_64", nil, "ran start-api" + usual + "x86_64\n"},
		{"all functions at another port", "amd64", []string{"start-api", "--port", "1"}, "ran start-api --port 1" + usual + "x86_64\n"},
		{
			"one function on Arm", "aarch64",
			[]string{"invoke", "DirectoryFunction", "--event", "-"},
			"ran invoke DirectoryFunction --event -" + usual + "arm64\n",
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			got, err := runSAM(t, dir, c.processor, c.arguments...)
			if want := strings.ReplaceAll(c.want, "DIR", dir); err != nil || got != want {
				t.Errorf("%v, %swant %s", err, got, want)
			}
		})
	}
}

// sam passes only declared variables to the functions. Without the endpoints they would call AWS.
func TestSAMDeclaresTheEndpoints(t *testing.T) {
	dir := t.TempDir()
	if output, err := runSAM(t, dir, "x86_64"); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	local, err := os.ReadFile(filepath.Join(dir, ".cache", "sam", "build", "local.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	template, err := os.ReadFile("../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	declared := "      Variables:\n"
	for _, service := range []string{"DYNAMODB", "SECRETS_MANAGER", "S3", "EVENTBRIDGE", "SQS"} {
		declared += "        AWS_ENDPOINT_URL_" + service + ": ''\n"
	}
	if strings.Replace(string(template), "      Variables:\n", declared, 1) != string(local) {
		t.Error("the template lacks declared endpoints of a function")
	}
}

func TestSAMSkipsAFinishedBuild(t *testing.T) {
	dir := t.TempDir()
	if output, err := runSAM(t, dir, "x86_64"); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	sandbox{t: t, dir: dir}.write("broken", "")
	output, err := runSAM(t, dir, "x86_64", "BUILT=yes", "invoke", "DirectoryFunction")
	if err != nil || !strings.HasPrefix(output, "ran invoke DirectoryFunction") {
		t.Errorf("%v, %s", err, output)
	}
}

func TestSAMExplainsAMissingEngine(t *testing.T) {
	dir := t.TempDir()
	sandbox{t: t, dir: dir}.write("no-engine", "")
	output, err := runSAM(t, dir, "x86_64")
	var exited *exec.ExitError
	if !errors.As(err, &exited) || exited.ExitCode() != 69 || !strings.Contains(output, "apt-get install docker.io") {
		t.Errorf("%v, %s", err, output)
	}
}

func TestSAMPrintsBuildErrors(t *testing.T) {
	dir := t.TempDir()
	sandbox{t: t, dir: dir}.write("broken", "")
	if output, err := runSAM(t, dir, "x86_64"); err == nil || output != "cannot build\n" {
		t.Errorf("%v, %s", err, output)
	}
}
