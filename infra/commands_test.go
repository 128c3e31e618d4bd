package infra_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"postern/shared/auth"
)

// TestSecretCommandsWriteClientSecretFiles runs the commands in the stack's outputs with an aws that has one secret.
func TestSecretCommandsWriteClientSecretFiles(t *testing.T) {
	tpl := read(t, "template.yaml")
	const text = "0123456789abcdefghijklmnopqrstuv"
	cases := []struct {
		name, output, file, stored string
		kind                       auth.Kind
	}{
		{"gitlab-shell", "ShellSecretCommand", ".gitlab_shell_secret", text, auth.Shell},
		{"kas, generated secret", "KasSecretCommand", ".gitlab_kas_secret", text, auth.KAS},
		{"kas, rotated secret", "KasSecretCommand", ".gitlab_kas_secret", "MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3BxcnN0dXY=", auth.KAS},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			aws := "#!/bin/sh\n[ \"$1 $2 $3 $4\" = 'secretsmanager get-secret-value --secret-id the-secret' ] && echo '" + c.stored + "'\n"
			if err := os.WriteFile(filepath.Join(dir, "aws"), []byte(aws), 0o700); err != nil {
				t.Fatal(err)
			}
			line := commandOf(tpl, c.output)
			cmd := exec.CommandContext(t.Context(), "/bin/sh", "-c", line)
			cmd.Dir, cmd.Env = dir, []string{"PATH=" + dir + ":" + os.Getenv("PATH")}
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%s: %v\n%s", line, err, out)
			}
			written, err := os.ReadFile(filepath.Join(dir, c.file))
			if err != nil {
				t.Fatal(err)
			}
			key, err := c.kind.Key(string(written))
			want, storedErr := c.kind.StoredKey(c.stored)
			if err != nil || storedErr != nil || !bytes.Equal(key, want) {
				t.Errorf("the file %q is not the key of %q: %v, %v", written, c.stored, err, storedErr)
			}
		})
	}
}

// commandOf returns the value of an output, with the secret's name filled in as CloudFormation does.
func commandOf(tpl template, output string) string {
	line := text(tpl.root, "Outputs", output, "Value", "Fn::Sub")
	return strings.NewReplacer("${ShellSecret}", "the-secret", "${KasSecret}", "the-secret", "${!", "${").Replace(line)
}
