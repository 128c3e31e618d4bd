package httpapi

import "postern/shared/gitlab"

// Actor reads who acts: of key_id, user_id, identifier and username the first that is given decides, also when it
// finds nobody (internal API, allowed and discover). A krb5principal finds nobody: the directory holds no Kerberos
// identities.
func Actor(p *Params) gitlab.ActorRef {
	if id, given := p.ID("key_id"); given {
		return gitlab.ActorRef{Kind: gitlab.ByKey, ID: id}
	}
	if id, given := p.ID("user_id"); given {
		return gitlab.ActorRef{Kind: gitlab.ByUser, ID: id}
	}
	if identifier, given := p.Text("identifier"); given {
		return gitlab.ParseIdentifier(identifier)
	}
	if username, given := p.Text("username"); given {
		return gitlab.ActorRef{Kind: gitlab.ByUsername, Login: username}
	}
	return gitlab.ActorRef{}
}
