package access

import (
	"testing"

	"postern/shared/gitlab"
)

func maintenance(i *gitlab.Instance) { i.MaintenanceMode = true }

func readOnly(i *gitlab.Instance) { i.ReadOnly = true }

func only(protocol string) func(i *gitlab.Instance) {
	return func(i *gitlab.Instance) { i.EnabledGitAccessProtocol = protocol }
}

func TestTheInstanceDecides(t *testing.T) {
	decide(t, []row{
		{"rate limit used up, 429", given(func(r *Request) { r.RateLimited = true }), 429, textTooManyRequests},
		{"maintenance refuses pushes", given(push, instance(maintenance)), 401, textMaintenance},
		{"maintenance lets downloads pass", given(instance(maintenance)), 200, ""},
		{"maintenance is a licensed feature", given(push, instance(maintenance), community), 200, ""},
		{"read-only refuses pushes", given(push, instance(readOnly)), 401, textReadOnly},
		{"read-only lets downloads pass", given(instance(readOnly)), 200, ""},
		{"upload-archive is known", given(action(UploadArchive)), 200, ""},
		{"git-annex is unknown", given(action("git-annex")), 401, textUnknownCommand},
		{"an absent action is unknown", given(action("")), 401, textUnknownCommand},
		{"an action of other case is unknown", given(action("GIT-UPLOAD-PACK")), 401, textUnknownCommand},
	})
}

func TestProtocols(t *testing.T) {
	rootOnly := func(p string) with {
		return root(func(n *gitlab.Namespace) { n.EnabledGitAccessProtocol = p })
	}
	const noSSH, noHTTP = "Git access over SSH is not allowed", "Git access over HTTP is not allowed"
	decide(t, []row{
		{"the instance lets in HTTP only: ssh refused", given(instance(only("http"))), 401, noSSH},
		{"the instance lets in HTTP only: ssh push refused", given(push, instance(only("http"))), 401, noSSH},
		{"the instance lets in SSH only: http refused", given(protocol("http"), instance(only("ssh"))), 401, noHTTP},
		{"the instance lets in SSH only: ssh passes", given(instance(only("ssh"))), 200, ""},
		{"web always passes", given(protocol("web"), instance(only("ssh"))), 200, ""},
		{"an absent protocol passes", given(protocol(""), instance(only("ssh"))), 200, ""},
		{"a blank setting lets all in", given(protocol("http")), 200, ""},
		{"the group lets in HTTP only: ssh refused", given(rootOnly("http")), 401, noSSH},
		{"the group lets in SSH only: http refused", given(protocol("http"), rootOnly("ssh")), 401, noHTTP},
		{"the group lets in all", given(rootOnly("all")), 200, ""},
		{"the group's setting holds for wikis", given(wiki, rootOnly("http")), 401, noSSH},
		{"the group's setting is not told to strangers", given(stranger, rootOnly("http")), 404, textNoProject},
		{"the instance's setting is told to strangers", given(stranger, instance(only("http"))), 401, noSSH},
		{"a sub-group's setting does not count", given(in(append(group("acme"), gitlab.Namespace{
			ID: 21, Kind: gitlab.GroupNamespace, Path: "sub", EnabledGitAccessProtocol: "http",
		}))), 200, ""},
	})
}

func TestOneTimePasswords(t *testing.T) {
	enforced := func(i *gitlab.Instance) { i.TwoFactorForCLI = true }
	twoFactor := user(func(u *gitlab.User) { u.TwoFactorEnabled = true })
	const ask22 = "OTP verification is required to access the repository.\n\n   Use: ssh git@gitlab.example.com 2fa_verify"
	const ask2222 = "OTP verification is required to access the repository.\n\n   Use: ssh git@ssh.example.com -p 2222 2fa_verify"
	decide(t, []row{
		{"no fresh session, 401", given(instance(enforced), twoFactor), 401, ask22},
		{"the text names host and port", given(instance(enforced), twoFactor, instance(func(i *gitlab.Instance) {
			i.SSHHost, i.SSHPort = "ssh.example.com", 2222
		})), 401, ask2222},
		{"an unset port is 22", given(instance(enforced), twoFactor, instance(func(i *gitlab.Instance) {
			i.SSHPort = 0
		})), 401, ask22},
		{"a fresh session passes", given(instance(enforced), twoFactor, func(r *Request) { r.OTPSession = true }), 200, ""},
		{"not enforced", given(twoFactor), 200, ""},
		{"not licensed", given(instance(enforced), twoFactor, community), 200, ""},
		{"no two factors", given(instance(enforced)), 200, ""},
		{"over http", given(instance(enforced), twoFactor, protocol("http")), 200, ""},
		{"without a key", given(instance(enforced), twoFactor, byUser), 200, ""},
		{"a deploy key", given(instance(enforced), twoFactor, deployKey(readLink)), 200, ""},
		{"a key of nobody", given(instance(enforced), ownerlessKey, visibility(gitlab.Public)), 200, ""},
	})
}

func TestSSOSessions(t *testing.T) {
	url := "https://gitlab.example.com/groups/acme/-/saml/sso"
	saml := root(func(n *gitlab.Namespace) { n.SAMLSSOURL = &url })
	refused := "Cannot find valid SSO session. Please login via your group's SSO at " + url
	decide(t, []row{
		{"no session, 401", given(saml), 401, refused},
		{"no session, push, 401", given(saml, push), 401, refused},
		{"no session, wiki, 401", given(saml, wiki), 401, refused},
		{"no session, project snippet, 401", given(saml, snippet(ofDan)), 401, refused},
		{"a session passes", given(saml, func(r *Request) { r.SSOSession = true }), 200, ""},
		{"the group's SAML is off", given(saml, root(func(n *gitlab.Namespace) { n.SAMLEnabled = false })), 200, ""},
		{"the group's address is empty", given(root(func(n *gitlab.Namespace) { n.SAMLSSOURL = ptr("") })), 200, ""},
		{"no license", given(saml, community), 200, ""},
		{"administrators need none", given(saml, admin), 200, ""},
		{"bots need none", given(saml, user(func(u *gitlab.User) { u.UserType = "project_bot" })), 200, ""},
		{"deploy keys need none", given(saml, deployKey(readLink)), 200, ""},
		{"nobody needs none", given(saml, nobody, visibility(gitlab.Public)), 200, ""},
		{"a refusal before it wins", given(saml, level(gitlab.Guest)), 401, textDownloadProject},
		{"a personal namespace has no SAML", given(in(personal(13, "dan")), saml), 200, ""},
	})
}
