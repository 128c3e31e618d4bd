package access

import (
	"strings"

	"postern/shared/gitlab"
)

// namespaceGiven refuses the path of a new project that names no namespace.
func namespaceGiven(q *question) verdict {
	bare := q.Container == nil && q.AskedPath != "" && strings.LastIndexByte(q.AskedPath, '/') <= 0
	return unless(!bare, hidden(textNoNamespace))
}

// namespaceAccess keeps logins by certificate inside the group that vouches for them, and other logins out of groups
// that ask for certificates. Only the first call of a fetch or push tells how the login was made.
func namespaceAccess(q *question) verdict {
	switch {
	case q.isConfined():
		return q.confinement()
	case q.needsCertificate():
		return denied(textNamespace)
	}
	return verdict{}
}

// isConfined reports whether the login's certificate lets it into one group only.
func (q *question) isConfined() bool {
	return q.Confined && q.Changes == AnyChanges && q.Instance.Licensed()
}

// confinement judges by the path as far as it goes, so that the answer does not depend on what is there outside the
// group. Below the group's path, what lies elsewhere looks like what is not there.
func (q *question) confinement() verdict {
	chain, refused := q.chain(), denied(textNamespace)
	isInside := q.inGroup(q.NamespacePath)
	switch {
	case q.AskedPath == "":
		return unless(isInside && q.visible(), refused)
	case !q.pathConfined():
		return refused
	case isInside, q.Container == nil && len(chain) == 0:
		return verdict{}
	case len(chain) > 0 && chain.Root().Kind == gitlab.UserNamespace && (q.visible() || q.createsProjects()):
		return refused
	}
	return q.notFound()
}

// pathConfined reports whether the path asked for lies below the group that vouches for the login, segment by
// segment, or is that of the group's own wiki.
func (q *question) pathConfined() bool {
	group := gitlab.FoldPath(q.NamespacePath)
	rest, ok := strings.CutPrefix(gitlab.FoldPath(q.AskedPath), group)
	return ok && group != "" && (strings.HasPrefix(rest, "/") || rest == ".wiki")
}

// needsCertificate reports whether the top-level group lets people in by certificate only. It is told only to those
// who may see what is there.
func (q *question) needsCertificate() bool {
	root := q.chain().Root()
	return q.Changes == AnyChanges && q.Instance.Licensed() &&
		root != nil && root.EnforceSSHCertificates && q.human() && q.visible()
}

// inGroup reports whether the group with a full path is one of the namespaces above what is asked for.
func (q *question) inGroup(path string) bool {
	chain := q.chain()
	for i := range chain {
		if chain[i].Kind == gitlab.GroupNamespace && strings.EqualFold(chain[:i+1].FullPath(), path) {
			return true
		}
	}
	return false
}
