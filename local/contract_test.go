package local_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// posternTool pretends to be the local program: a system that runs until it is ended, unless it is broken, and tokens.
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

// schemathesisTool pretends to be schemathesis: it tells how it was asked.
const schemathesisTool = `#!/bin/sh
echo "ran $*"
echo "$SHELL_TOKEN, $KAS_TOKEN"
exit "${FINDINGS:-0}"
`

// runContract runs the script in a copy of what it reads.
func runContract(t *testing.T, dir string, variables []string, arguments ...string) (said, calls string, err error) {
	t.Helper()
	s := sandbox{t: t, dir: dir}
	script, err := os.ReadFile("contract/run")
	if err != nil {
		t.Fatal(err)
	}
	s.write("local/contract/run", string(script))
	s.write("local/setup", "#!/bin/sh\n[ \"$*\" = contract ]\n")
	s.write(".cache/bin/postern", posternTool)
	s.write(".cache/contract/bin/schemathesis", schemathesisTool)
	cmd := exec.CommandContext(t.Context(), filepath.Join(dir, "local", "contract", "run"), arguments...)
	cmd.Env = slices.Concat(variables, []string{"PATH=" + os.Getenv("PATH"), "CALLS=" + dir + "/calls", "TMPDIR=" + dir, "PERSIST=data"})
	out, err := cmd.CombinedOutput()
	made, _ := os.ReadFile(filepath.Join(dir, "calls")) // nothing was called when there is none
	return string(out), string(made), err
}

func TestContractIsAskedOfASystemOfItsOwn(t *testing.T) {
	dir := t.TempDir()
	said, calls, err := runContract(t, dir, nil, "--include-tag", "lfs")
	want := `ran --config-file local/contract/schemathesis.toml run http://127.0.0.1:4242/docs/openapi.yaml --include-tag lfs
token of token PORT=4242 TTL=3600, token of token PORT=4242 TTL=3600 KIND=kas
`
	if err != nil || said != want {
		t.Errorf("%v, %q, want %q", err, said, want)
	}
	if want := "started run PORT=0 DIRECTORY=local/directory.json\nended\n"; calls != want {
		t.Errorf("the system: %q, want %q", calls, want)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "tmp.*")); len(left) > 0 {
		t.Errorf("%q is left", left)
	}
}

func TestContractFails(t *testing.T) {
	t.Run("for what was found", func(t *testing.T) {
		said, calls, err := runContract(t, t.TempDir(), []string{"FINDINGS=1"})
		if err == nil || !strings.HasSuffix(calls, "ended\n") {
			t.Errorf("%v, %q\n%s", err, calls, said)
		}
	})
	t.Run("for a system that does not start", func(t *testing.T) {
		dir := t.TempDir()
		sandbox{t: t, dir: dir}.write("broken", "")
		if said, _, err := runContract(t, dir, nil); err == nil || !strings.Contains(said, "cannot start") || strings.Contains(said, "ran") {
			t.Errorf("%v\n%s", err, said)
		}
	})
}
