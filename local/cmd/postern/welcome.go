package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"postern/local/cloud"
	"postern/local/state"
)

// printWelcome prints the system's addresses and two requests to paste. They call this program for a new token, so they work
// repeatedly and from any directory.
func printWelcome(w io.Writer, s state.System, port int) error {
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("path of this program: %w", err)
	}
	header := fmt.Sprintf(`--header "Gitlab-Shell-Api-Request: $(%s token PORT=%d)"`, quoted(program), port)
	_, err = fmt.Fprintf(w, `
Postern serves every function at %[1]s

  every route, described   %[1]s/docs
  secret of gitlab-shell   %[2]s
  secret of kas            %[3]s
  DynamoDB                 %[4]s (table %[6]s)
  Secrets Manager and S3   %[5]s (secrets %[7]s and %[8]s)
%[10]s
Paste these; Ctrl-C here ends everything:

curl --request POST %[9]s --data "key_id=11&project=gnuwget/wget2&action=git-upload-pack&protocol=ssh" "%[1]s/api/v4/internal/allowed"

curl --request GET %[9]s "%[1]s/api/v4/internal/discover?key_id=7"

`, s.URL, s.ShellSecretFile, s.KASSecretFile, s.DynamoDB, s.Secrets, s.Table, cloud.ShellSecret, cloud.KASSecret, header,
		gitalyLine(s.Gitaly))
	return err
}

// gitalyLine describes the local Gitaly, or returns "".
func gitalyLine(address string) string {
	if address == "" {
		return ""
	}
	return "  Gitaly                   " + address + "\n"
}

// quoted quotes a path for a shell, also inside $() between double quotes. A plain path is unchanged.
func quoted(path string) string {
	plain := strings.Trim(path, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+@%,:=") == ""
	if plain {
		return path
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}
