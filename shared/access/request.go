// Package access decides who may do what to which repository (internal API, allowed).
//
// It is pure: it looks at loaded values, does no I/O, and has no clock but the one passed in. The order of the
// checks is the order of the answers: the first check that fails decides.
package access

import (
	"time"

	"postern/shared/gitlab"
)

// The actions of git, as gitlab-shell and Gitaly name them.
const (
	UploadPack    = "git-upload-pack"
	UploadArchive = "git-upload-archive"
	ReceivePack   = "git-receive-pack"
)

// AnyChanges stands for the changes of a push that gitlab-shell announces before any are known.
const AnyChanges = "_any"

// Request is everything a decision depends on.
type Request struct {
	Action   string // UploadPack, UploadArchive, ReceivePack; anything else is refused
	Protocol string // "ssh", "http", "web", or "" when not given
	Changes  string // AnyChanges, or else what counts is Refs

	// Refs are the changes of a push once they are known, in the order of the hook's lines. Rules are those of the project
	// and of the groups above it.
	Refs  []gitlab.Change
	Large bool // the changes are too many to be stored
	Rules gitlab.Protection
	// History is what Gitaly has said so far. A decision that needs more asks for it.
	History History

	CheckIP       string // the client's address, "" when not known
	NamespacePath string // the group that the login's SSH certificate is confined to
	Confined      bool   // NamespacePath was given

	Actor gitlab.Actor

	// Container is the repository asked for, nil when there is none. Asked then says which kind was meant, and
	// AskedPath the path (cleaned, "" when a gl_repository was given).
	Container *gitlab.Container
	Asked     gitlab.RepositoryKind
	AskedPath string
	// Parent is the chain of the namespace in which AskedPath would be created; empty when there is none.
	Parent gitlab.Chain

	// Members are the memberships of the actor's person in the project and along the chain; Link lets a deploy
	// key into the project, nil when it is not linked.
	Members []gitlab.Member
	Link    *gitlab.DeployKeyLink
	// CreatorMembers are the memberships of a deploy key's creator, whose rights count once the changes are known.
	CreatorMembers []gitlab.Member

	Instance gitlab.Instance

	RateLimited    bool     // the shared rate limit of this action, project and actor (or address) is used up
	OTPSession     bool     // the key has a fresh one-time-password session
	SSOSession     bool     // the person is signed in through the top-level group's identity provider
	Collaborations []string // source branches that open merge requests from the project let the person push to

	Explain bool // each step of the trail is to account for itself, and those are to be there that were not reached

	Now      time.Time
	Clock    func() time.Time // times the checks of the trail; nil leaves the times zero
	Deadline time.Time        // by the Clock, when the checks of changes give up; zero for never
}
