//go:build interop

package server_test

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"postern/local/cloud"
	"postern/local/gitaly/gitalytest"
	"postern/shared/apitest"
	"postern/shared/gitlab"
)

// interop is the whole system beside the real gitlab-sshd and Gitaly, which call it. The users have keys of their own and plain git
// and ssh.
type interop struct {
	*pushes
	stage   string // the system's URL below the path of a gateway's stage
	own     string // the folder of the programs' files
	secret  string // the file of the shell secret
	sshd    string // the address of gitlab-sshd
	private map[string]string
}

// built returns the path of a program from `local/setup interop`.
func built(t *testing.T, path string) string {
	t.Helper()
	path, err := filepath.Abs("../../.cache/" + path)
	must(t, err)
	return path
}

func newInterop(t *testing.T) *interop {
	t.Helper()
	c, err := cloud.Start(t.Context(), cloud.Options{Root: "../.."})
	must(t, err)
	t.Cleanup(c.Stop)
	folder, token, gitaly := t.TempDir(), "gtok", free(t)
	s := &interop{
		pushes: &pushes{
			t: t, repository: gitalytest.NewRepository(t, folder, gitlab.DiskPath("@hashed", 7)+".git", gitalytest.SHA1),
			storage: gitlab.Storage{Name: "default", Address: "tcp://" + gitaly, Token: &token},
		},
		own: t.TempDir(), private: map[string]string{},
	}
	s.secret = s.file("secret", apitest.Secret+"\n")
	s.serve(c)
	s.stage = staged(t, s.url)
	s.startGitaly(folder, gitaly)
	s.startShell()
	return s
}

// staged serves an address below the path of a stage, as API Gateway does.
func staged(t *testing.T, address string) string {
	t.Helper()
	target, err := url.Parse(address)
	must(t, err)
	gateway := httptest.NewServer(http.StripPrefix("/live", httputil.NewSingleHostReverseProxy(target)))
	t.Cleanup(gateway.Close)
	return gateway.URL + "/live"
}

// free returns an unused address.
func free(t *testing.T) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	must(t, listener.Close())
	return listener.Addr().String()
}

func (s *interop) file(name, text string) string {
	s.t.Helper()
	path := filepath.Join(s.own, name)
	must(s.t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func (s *interop) startGitaly(folder, address string) {
	s.t.Helper()
	program := built(s.t, "gitaly/bin/gitaly")
	s.start(address, program, s.file("gitaly.toml", fmt.Sprintf(`bin_dir = %q
runtime_dir = %q
listen_addr = %q
auth = {token = %q}
gitlab = {url = %q, secret_file = %q}
gitlab-shell = {dir = %q}
git = {use_bundled_binaries = false, ignore_gitconfig = true}
[[storage]]
name = "default"
path = %q
`, filepath.Dir(program), s.own, address, *s.storage.Token, s.stage, s.secret, s.own, folder)))
}

func (s *interop) startShell() {
	s.t.Helper()
	s.sshd = free(s.t)
	folder := filepath.Join(s.own, "shell")
	must(s.t, os.Mkdir(folder, 0o700))
	s.file("shell/config.yml", fmt.Sprintf(`user: git
gitlab_url: %q
secret_file: %q
log_file: /dev/stderr
sshd:
  listen: %q
  web_listen: ""
  host_key_files: [%q]
`, s.stage, s.secret, s.sshd, s.newKey("host")))
	s.start(s.sshd, built(s.t, "shell/bin/gitlab-sshd"), "-config-dir", folder)
}

// start runs a server until the test ends, and waits until it listens.
func (s *interop) start(address, program string, arguments ...string) {
	s.t.Helper()
	var log bytes.Buffer
	server := exec.CommandContext(s.t.Context(), program, arguments...)
	server.Env = append(os.Environ(), "FF_GITLAB_SHELL_SSH_CERTIFICATES=1")
	server.Stdout, server.Stderr = &log, &log
	server.Cancel = func() error { return server.Process.Signal(os.Interrupt) }
	server.WaitDelay = 10 * time.Second
	must(s.t, server.Start())
	s.t.Cleanup(func() {
		_ = server.Wait()
		if s.t.Failed() {
			s.t.Logf("%s:\n%s", filepath.Base(program), log.String())
		}
	})
	s.waitFor(filepath.Base(program)+" listens", func() bool {
		conn, err := net.DialTimeout("tcp", address, time.Second)
		return err == nil && conn.Close() == nil
	})
}

// newKey creates a key pair and returns the file of the private key.
func (s *interop) newKey(name string) string {
	s.t.Helper()
	path := filepath.Join(s.own, name)
	if output, err := s.run("", "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", path); err != nil {
		s.t.Fatalf("a key for %s: %v\n%s", name, err, output)
	}
	return path
}

// public returns the public key beside a private one.
func (s *interop) public(name string) string {
	s.t.Helper()
	text, err := os.ReadFile(filepath.Join(s.own, name+".pub"))
	must(s.t, err)
	return strings.TrimSpace(string(text))
}

// run runs a program and returns its output.
func (s *interop) run(input, program string, arguments ...string) (output string, err error) {
	s.t.Helper()
	command := exec.CommandContext(s.t.Context(), program, arguments...)
	command.Stdin = strings.NewReader(input)
	out, err := command.CombinedOutput()
	return string(out), err
}

// ssh is the SSH command of a user, with their key and without the machine's configuration.
func (s *interop) ssh(name string) []string {
	_, port, _ := net.SplitHostPort(s.sshd)
	return []string{
		"ssh", "-F", "none", "-p", port, "-i", filepath.Join(s.own, name), "-o", "IdentitiesOnly=yes", "-o", "IdentityAgent=none", "-o", "BatchMode=yes",
		"-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR",
	}
}

// session runs a command of gitlab-shell as a user.
func (s *interop) session(name, input, command string) (output string, err error) {
	s.t.Helper()
	arguments := append(s.ssh(name), "git@127.0.0.1", command)
	return s.run(input, arguments[0], arguments[1:]...)
}

// clone clones over SSH as a user.
func (s *interop) clone(name, project string, options ...string) (c *gitalytest.Clone, output string, err error) {
	s.t.Helper()
	c = &gitalytest.Clone{Path: filepath.Join(s.t.TempDir(), "clone")}
	arguments := append([]string{"-c", "core.sshCommand=" + strings.Join(s.ssh(name), " "), "clone"}, options...)
	output, err = s.run("", "git", append(arguments, s.address(project), c.Path)...)
	return c, output, err
}

// as makes a user the owner of a clone.
func (s *interop) as(c *gitalytest.Clone, name string) {
	s.t.Helper()
	gitalytest.Git(s.t, c.Path, nil, "config", "core.sshCommand", strings.Join(s.ssh(name), " "))
}

func (s *interop) address(project string) string {
	return "ssh://git@" + s.sshd + "/" + project + ".git"
}
