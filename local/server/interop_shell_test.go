//go:build interop

package server_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"postern/shared/apitest"
	"postern/shared/auth"
)

// shellURL names, in the environment, the system that this program then serves as the SSH command of a git.
const shellURL = "POSTERN_SHELL_URL"

// TestAsGitlabShell is no test but the SSH command of the others' git, which runs this program for it.
func TestAsGitlabShell(*testing.T) {
	if os.Getenv(shellURL) == "" {
		return
	}
	if err := shell(os.Args[len(os.Args)-1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0) // nothing else may be written to git
}

// shell does what gitlab-shell does for a command such as "git-receive-pack 'acme/app.git'": it asks whether this may be, and
// then lets gitaly-ssh talk to the Gitaly that the answer names, in the name of whom the answer names.
func shell(command string) error {
	verb, path, _ := strings.Cut(command, " ")
	answer, err := announce(verb, strings.Trim(path, "'/"))
	if err != nil {
		return err
	}
	payload := map[string]any{"repository": answer.Gitaly.Repository, "gitProtocol": os.Getenv("GIT_PROTOCOL")}
	if answer.Options != nil {
		payload["gitConfigOptions"] = answer.Options
	}
	if verb == "git-receive-pack" {
		payload["glId"], payload["glRepository"], payload["glUsername"] = answer.ID, answer.GLRepository, answer.Username
	}
	text, err := json.Marshal(payload)
	if err != nil {
		return err
	}
	ssh := exec.Command(os.Getenv("POSTERN_SHELL_PROGRAM"), strings.TrimPrefix(verb, "git-"), "-", "-")
	ssh.Stdin, ssh.Stdout, ssh.Stderr = os.Stdin, os.Stdout, os.Stderr
	ssh.Env = append(os.Environ(), "GITALY_ADDRESS="+answer.Gitaly.Address, "GITALY_TOKEN="+answer.Gitaly.Token, "GITALY_PAYLOAD="+string(text))
	if verb == "git-upload-pack" {
		ssh.Env = append(ssh.Env, "GITALY_USE_SIDECHANNEL=1") // as gitlab-shell does
	}
	return ssh.Run()
}

// announced is what gitlab-shell reads of the answer to the announcement of a command.
type announced struct {
	Status       bool     `json:"status"`
	Message      string   `json:"message"`
	ID           string   `json:"gl_id"`
	GLRepository string   `json:"gl_repository"`
	Username     string   `json:"gl_username"`
	Options      []string `json:"git_config_options"`
	Gitaly       struct {
		Repository json.RawMessage `json:"repository"`
		Address    string          `json:"address"`
		Token      string          `json:"token"`
	} `json:"gitaly"`
}

func announce(verb, path string) (announced, error) {
	body, err := json.Marshal(map[string]string{
		"action": verb, "project": path, "changes": "_any", "protocol": "ssh", "env": "", "key_id": os.Getenv("POSTERN_SHELL_KEY"),
	})
	if err != nil {
		return announced{}, err
	}
	r, err := http.NewRequest(http.MethodPost, os.Getenv(shellURL)+"/api/v4/internal/allowed", bytes.NewReader(body))
	if err != nil {
		return announced{}, err
	}
	token, err := auth.Sign(auth.Shell, []byte(apitest.Secret), time.Now(), time.Minute)
	if err != nil {
		return announced{}, err
	}
	r.Header.Set("Gitlab-Shell-Api-Request", token)
	r.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return announced{}, err
	}
	defer func() { _ = response.Body.Close() }()
	var a announced
	if err := json.NewDecoder(response.Body).Decode(&a); err != nil {
		return announced{}, err
	}
	if !a.Status {
		return announced{}, fmt.Errorf("remote: ERROR: %s", a.Message)
	}
	return a, nil
}
