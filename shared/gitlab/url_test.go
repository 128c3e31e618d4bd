package gitlab_test

import (
	"testing"

	"postern/shared/gitlab"
)

func TestURLs(t *testing.T) {
	tests := []struct {
		name                 string
		instance             gitlab.Instance
		host, http, ssh, web string
	}{
		{
			"an ordinary instance",
			gitlab.Instance{URL: "https://gitlab.example.com", SSHPort: 22},
			"gitlab.example.com", "https://gitlab.example.com/acme/app.git",
			"git@gitlab.example.com:acme/app.git", "https://gitlab.example.com/acme/app",
		},
		{
			"the default port needs no saying",
			gitlab.Instance{URL: "https://gitlab.example.com"},
			"gitlab.example.com", "https://gitlab.example.com/acme/app.git",
			"git@gitlab.example.com:acme/app.git", "https://gitlab.example.com/acme/app",
		},
		{
			"another SSH host and port",
			gitlab.Instance{URL: "https://gitlab.example.com", SSHHost: "ssh.example.com", SSHPort: 2222},
			"gitlab.example.com", "https://gitlab.example.com/acme/app.git",
			"ssh://git@ssh.example.com:2222/acme/app.git", "https://gitlab.example.com/acme/app",
		},
		{
			"a port and a relative root",
			gitlab.Instance{URL: "http://localhost:3000/gitlab/", SSHPort: 22},
			"localhost", "http://localhost:3000/gitlab/acme/app.git",
			"git@localhost:acme/app.git", "http://localhost:3000/gitlab/acme/app",
		},
		{
			"an IPv6 address",
			gitlab.Instance{URL: "http://[2001:db8::1]:3000", SSHPort: 22},
			"2001:db8::1", "http://[2001:db8::1]:3000/acme/app.git",
			"git@[2001:db8::1]:acme/app.git", "http://[2001:db8::1]:3000/acme/app",
		},
		{
			"an IPv6 address and a port",
			gitlab.Instance{URL: "http://[2001:db8::1]", SSHPort: 2222},
			"2001:db8::1", "http://[2001:db8::1]/acme/app.git",
			"ssh://git@[2001:db8::1]:2222/acme/app.git", "http://[2001:db8::1]/acme/app",
		},
		{
			"an address without a scheme",
			gitlab.Instance{URL: "gitlab.example.com", SSHPort: 22},
			"gitlab.example.com", "gitlab.example.com/acme/app.git",
			"git@gitlab.example.com:acme/app.git", "gitlab.example.com/acme/app",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			i := tt.instance
			for what, pair := range map[string][2]string{
				"host": {i.Host(), tt.host},
				"http": {i.HTTPCloneURL("acme/app"), tt.http},
				"ssh":  {i.SSHCloneURL("acme/app"), tt.ssh},
				"web":  {i.WebURL("acme/app"), tt.web},
			} {
				if pair[0] != pair[1] {
					t.Errorf("%s: %q, want %q", what, pair[0], pair[1])
				}
			}
		})
	}
}
