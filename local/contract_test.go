package local_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// posternTool is a fake local program. It runs a system until a signal, fails with the file broken, and prints tokens.
const posternTool = `#!/bin/sh
case $1 in
run)
	[ ! -f broken ] || { echo cannot start >&2; exit 1; }
	trap 'echo ended >>"$CALLS"; exit' TERM
	echo started "$*$PERSIST" >>"$CALLS"
	printf '\nPostern serves every function at http://127.0.0.1:4242\n\n'
	while :; do sleep 0.05; done ;;
token) echo "token of $*" ;;
esac
`

// schemathesisTool is a fake schemathesis that prints its arguments.
const schemathesisTool = `#!/bin/sh
echo "ran $*"
echo "$SHELL_TOKEN, $KAS_TOKEN"
exit "${FINDINGS:-0}"
`

// runContract runs a copy of the script and its files.
func runContract(t *testing.T, dir string, variables []string, arguments ...string) (output, calls string, err error) {
	t.Helper()
	s := sandbox{t: t, dir: dir}
	script, err := os.ReadFile("schemathesis/run")
	if err != nil {
		t.Fatal(err)
	}
	s.write("local/schemathesis/run", string(script))
	s.write("local/setup", "#!/bin/sh\n[ \"$*\" = contract ]\n")
	s.write(".cache/bin/postern", posternTool)
	s.write(".cache/contract/bin/schemathesis", schemathesisTool)
	cmd := exec.CommandContext(t.Context(), filepath.Join(dir, "local", "schemathesis", "run"), arguments...)
	cmd.Env = slices.Concat(variables, []string{"PATH=" + os.Getenv("PATH"), "CALLS=" + dir + "/calls", "TMPDIR=" + dir, "PERSIST=data"})
	out, err := cmd.CombinedOutput()
	made, _ := os.ReadFile(filepath.Join(dir, "calls")) // missing without calls
	return string(out), string(made), err
}

func TestContractStartsItsOwnSystem(t *testing.T) {
	dir := t.TempDir()
	output, calls, err := runContract(t, dir, nil, "--include-tag", "lfs")
	want := `ran --config-file local/schemathesis/schemathesis.toml run http://127.0.0.1:4242/docs/openapi.yaml --include-tag lfs
token of token PORT=4242 TTL=3600, token of token PORT=4242 TTL=3600 KIND=kas
`
	if err != nil || output != want {
		t.Errorf("%v, %q, want %q", err, output, want)
	}
	if want := "started run PORT=0 DIRECTORY=local/directory.json\nended\n"; calls != want {
		t.Errorf("the system: %q, want %q", calls, want)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "tmp.*")); len(left) > 0 {
		t.Errorf("%q remains", left)
	}
}

func TestContractFails(t *testing.T) {
	t.Run("after findings", func(t *testing.T) {
		output, calls, err := runContract(t, t.TempDir(), []string{"FINDINGS=1"})
		if err == nil || !strings.HasSuffix(calls, "ended\n") {
			t.Errorf("%v, %q\n%s", err, calls, output)
		}
	})
	t.Run("without a running system", func(t *testing.T) {
		dir := t.TempDir()
		sandbox{t: t, dir: dir}.write("broken", "")
		if output, _, err := runContract(t, dir, nil); err == nil || !strings.Contains(output, "cannot start") || strings.Contains(output, "ran") {
			t.Errorf("%v\n%s", err, output)
		}
	})
}
