package access

import (
	"cmp"
	"fmt"
	"strings"

	"postern/shared/gitlab"
)

// What the checks of the installation say of themselves.

const theInstance = "the instance"

// tellRateLimit accounts for the present minute only.
func tellRateLimit(q *question) Account {
	return Account{
		Looked: Facts{"per_minute": q.Instance.GitLabShellOperationLimit, "used_up": q.RateLimited},
		Change: "the next minute, or a higher gitlab_shell_operation_limit of the instance",
	}
}

// tellMaintenance names the license, too, without which the mode does nothing.
func tellMaintenance(q *question) Account {
	return Account{
		Looked: Facts{"maintenance_mode": q.Instance.MaintenanceMode, "licensed": q.Instance.Licensed()},
		Change: setting("maintenance_mode", theInstance, false, true),
	}
}

func tellWritable(q *question) Account {
	return Account{
		Looked: Facts{"read_only": q.Instance.ReadOnly},
		Change: setting("read_only", theInstance, false, true),
	}
}

// tellTwoFactor gives all that has to come together before a one-time password is asked for.
func tellTwoFactor(q *question) Account {
	return Account{
		Looked: Facts{
			"two_factor_for_cli": q.Instance.TwoFactorForCLI,
			"licensed":           q.Instance.Licensed(),
			"protocol":           q.Protocol,
			"two_factor_enabled": q.person != nil && q.person.TwoFactorEnabled,
			"otp_session":        q.OTPSession,
		},
		Change: fmt.Sprintf("a one-time password that %s gives with 2fa_verify, or two_factor_for_cli of the instance: false", q.who()),
	}
}

// tellProtocol names the setting that is in the way: the instance's is asked first.
func tellProtocol(q *question) Account {
	a := Account{Looked: Facts{"protocol": q.Protocol, "instance": opened(q.Instance.EnabledGitAccessProtocol)}}
	of, is := theInstance, q.Instance.EnabledGitAccessProtocol
	if root := q.chain().Root(); root != nil {
		a.Looked["group"] = opened(root.EnabledGitAccessProtocol)
		if protocolMatches(is, q.Protocol) {
			of, is = root.Path, root.EnabledGitAccessProtocol
		}
	}
	a.Change = setting("enabled_git_access_protocol", of, cmp.Or(q.Protocol, "any")+`, or ""`, is)
	return a
}

// opened words a setting of protocols, of which the blank one lets every protocol in.
func opened(protocol string) string { return cmp.Or(protocol, "all") }

// tellCommand names the commands that there are.
func tellCommand(q *question) Account {
	return Account{
		Looked: Facts{"command": q.Action},
		Change: fmt.Sprintf("one of the commands %s; is %q", strings.Join(commands, ", "), q.Action),
	}
}

// tellSSO accounts for the session with the top-level group's identity provider, which an active identity stands for.
func tellSSO(q *question) Account {
	a := Account{Looked: Facts{
		"actor": q.who(), "person": q.human(), "administrator": q.admin, "sso_session": q.SSOSession,
		"licensed": q.Instance.Licensed(),
	}}
	if root := q.chain().Root(); root != nil {
		a.Looked["group"], a.Looked["saml"] = root.Path, root.Kind == gitlab.GroupNamespace && root.SAMLEnabled && root.SAMLSSOURL != nil
		a.Change = fmt.Sprintf("an active identity of %s with the identity provider of %s, or saml_enabled of %s: false",
			q.who(), root.Path, root.Path)
	}
	return a
}

func tellDesignProtocol(q *question) Account {
	return Account{
		Looked: Facts{"protocol": q.Protocol},
		Change: fmt.Sprintf("the web interface; is %q", q.Protocol),
	}
}

// tellDesigns goes through what hides designs, in the order of the check.
func tellDesigns(q *question) Account {
	a := Account{Looked: q.standing()}
	a.Looked["visible"] = q.visible()
	switch project := q.project(); {
	case project == nil || !q.visible():
		a.Change = "a project that " + q.who() + " may see"
	case project.Archived:
		a.Change = setting("archived", q.chain().FullPath(project.Path), false, true)
	case q.person == nil || userMayUseGit(q) != (verdict{}):
		a.Change = "an account that may use git; it is that of " + q.who()
	default:
		a.Change = q.actorNeeds(gitlab.Developer)
	}
	return a
}
