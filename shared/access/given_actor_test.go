package access

import "postern/shared/gitlab"

// Who wants it.

func level(l gitlab.AccessLevel) with {
	return func(r *Request) {
		r.Members = nil
		if l != gitlab.NoAccess {
			r.Members = []gitlab.Member{{UserID: r.Actor.User.ID, AccessLevel: l}}
		}
	}
}

func stranger(r *Request) { level(gitlab.NoAccess)(r) }

func admin(r *Request) {
	stranger(r)
	r.Actor.User.Admin = true
}

func external(r *Request) { r.Actor.User.External = true }

func nobody(r *Request) { r.Actor, r.Members = gitlab.Actor{}, nil }

func byUser(r *Request) { r.Actor.Key = nil }

func ownerlessKey(r *Request) {
	r.Actor.User, r.Actor.Key.UserID, r.Members = nil, nil, nil
}

// deployKey acts instead, created by @dan; link is what lets it in.
func deployKey(link *gitlab.DeployKeyLink) with {
	return func(r *Request) {
		r.Actor.Key.Type, r.Link = gitlab.DeployKey, link
		r.CreatorMembers = r.Members
	}
}

var (
	unlinked *gitlab.DeployKeyLink
	readLink = &gitlab.DeployKeyLink{KeyID: 102, ProjectID: 7}
	pushLink = &gitlab.DeployKeyLink{KeyID: 102, ProjectID: 7, CanPush: true}
)

func user(change func(u *gitlab.User)) with { return func(r *Request) { change(r.Actor.User) } }

func key(change func(k *gitlab.Key)) with { return func(r *Request) { change(r.Actor.Key) } }

func from(ip string) with { return func(r *Request) { r.CheckIP = ip } }

func confinedTo(path string) with {
	return func(r *Request) { r.Confined, r.NamespacePath = true, path }
}

// orphaned makes a deploy key that may write here and names no creator.
func orphaned(r *Request) {
	writes(r)
	r.Actor.Key.UserID = nil
	r.Actor.User = &gitlab.User{ID: 99, Username: "ghost", State: gitlab.UserActive, UserType: "ghost"}
}
