package access

import (
	"slices"
	"strconv"
	"strings"

	"postern/shared/gitlab"
)

// withinRateLimit refuses who has used up the shared limit. It comes first, so that being refused costs little.
func withinRateLimit(q *question) verdict {
	return unless(!q.RateLimited, verdict{outcome: Denied, status: 429, message: textTooManyRequests})
}

// outsideMaintenance refuses pushes while the licensed maintenance mode is on.
func outsideMaintenance(q *question) verdict {
	return unless(!q.Instance.Licensed() || !q.Instance.MaintenanceMode, denied(textMaintenance))
}

// instanceWritable refuses pushes to an instance that only reads.
func instanceWritable(q *question) verdict {
	return unless(!q.Instance.ReadOnly, denied(textReadOnly))
}

// oneTimePassword asks people with two factors, who come with their own key, for a fresh one-time password.
func oneTimePassword(q *question) verdict {
	enforced := q.Instance.Licensed() && q.Instance.TwoFactorForCLI
	if !enforced || q.Protocol != "ssh" || q.Actor.Key == nil || q.OTPSession {
		return verdict{}
	}
	if q.person == nil || !q.person.TwoFactorEnabled {
		return verdict{}
	}
	command := "ssh git@" + q.Instance.SSHAddress()
	if port := q.Instance.SSHPort; port != 0 && port != 22 {
		command += " -p " + strconv.Itoa(port)
	}
	return denied(textOneTimePassword + command + " 2fa_verify")
}

// protocolEnabled holds the protocol against the instance's setting, then against the top-level group's. The latter
// is told only to those who may see what is there: for others there is nothing that could have a setting. The web
// interface, which Gitaly names as the protocol of its own commits, is never switched off.
func protocolEnabled(q *question) verdict {
	if q.Protocol == "" || q.Protocol == "web" {
		return verdict{}
	}
	enabled := protocolMatches(q.Instance.EnabledGitAccessProtocol, q.Protocol)
	if root := q.chain().Root(); enabled && root != nil {
		enabled = protocolMatches(root.EnabledGitAccessProtocol, q.Protocol) || !q.visible()
	}
	if enabled {
		return verdict{}
	}
	return denied("Git access over " + strings.ToUpper(q.Protocol) + " is not allowed")
}

// protocolMatches reports whether a setting lets a protocol in; blank and "all" let every one in.
func protocolMatches(setting, protocol string) bool {
	return setting == "" || setting == "all" || setting == protocol
}

// commands are the programs that git runs on a server.
var commands = []string{UploadPack, UploadArchive, ReceivePack}

// commandKnown refuses any other program, and requests that name none.
func commandKnown(q *question) verdict {
	return unless(slices.Contains(commands, q.Action), denied(textUnknownCommand))
}

// ssoSession asks people to be signed in at the identity provider of the top-level group. Administrators and bots
// cannot be, and need not.
func ssoSession(q *question) verdict {
	root := q.chain().Root()
	if root == nil || !q.Instance.Licensed() || q.SSOSession || !q.human() || q.admin {
		return verdict{}
	}
	if !root.SAMLEnabled || root.SAMLSSOURL == nil || *root.SAMLSSOURL == "" || root.Kind != gitlab.GroupNamespace {
		return verdict{}
	}
	return denied(textNoSSOSession + *root.SAMLSSOURL)
}
