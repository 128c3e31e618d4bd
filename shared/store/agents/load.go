package agents

import (
	"context"
	"crypto/subtle"
	"slices"

	"postern/shared/gitlab"
	"postern/shared/store/layout"
	"postern/shared/store/lookup"
	"postern/shared/store/record"
	"postern/shared/table"
)

// AgentQuery asks for the agent of a token and for a project: the agent's own, one by id, or one by full path.
type AgentQuery struct {
	Digest string // of the token (gitlab.TokenDigest)
	Own    bool
	ID     gitlab.ID
	Path   string
}

// AgentContext is the result of LoadAgent.
type AgentContext struct {
	Settings  record.Settings
	Token     *gitlab.AgentToken
	Agent     *gitlab.Agent
	Container *gitlab.Container // the requested project; nil: not found, or not requested

	digest  string
	learned *agentHint // a hint for processes without one; nil: it is stored
}

// LoadAgent reads the agent of a token and the requested project at one moment. It takes one call with remembered hints, two with
// the table's. ErrNotFound reports an unknown or revoked token, or a removed agent.
func (s *Agents) LoadAgent(ctx context.Context, q AgentQuery) (AgentContext, error) {
	v := s.newView()
	hint, warm := s.hints.agents.Get(q.Digest)
	found := AgentContext{digest: q.Digest}
	err := v.Resolve(ctx, func() bool {
		if !warm {
			hint = v.agentHint(q.Digest)
		}
		var settingsKnown, agentKnown, containerKnown bool
		found.Settings, settingsKnown = v.Settings()
		found.Token, found.Agent, agentKnown = v.agentWith(q.Digest, hint)
		found.Container, containerKnown = v.agentProject(q, found.Agent, hint)
		return settingsKnown && agentKnown && (found.Agent == nil || containerKnown)
	})
	switch {
	case err != nil:
		return AgentContext{}, err
	case found.Agent == nil:
		return AgentContext{}, table.ErrNotFound
	}
	is := agentHint{token: found.Token.ID, agent: found.Agent.ID, project: found.Agent.ProjectID, namespaces: hint.namespaces}
	// Only the agent's own project is worth remembering, because the others change with each request.
	if q.Own && found.Container != nil {
		is.namespaces = found.Container.Chain.IDs()
	}
	s.hints.agents.Add(q.Digest, is)
	// TouchAgent writes it, after the answer is known and at most when something has changed.
	if !is.same(hint) {
		found.learned = &is
	}
	return found, nil
}

func (h agentHint) same(other agentHint) bool {
	return h.token == other.token && h.agent == other.agent && h.project == other.project && slices.Equal(h.namespaces, other.namespaces)
}

// agentHint is the table's hint of a token. It is read together with the items that lead to the token.
func (v *view) agentHint(digest string) agentHint {
	v.Want(layout.DigestKey(digest))
	item, _ := v.Get(agentHintKey(digest))
	return agentHint{
		token: table.Integer(item, "token"), agent: table.Integer(item, "agent"), project: table.Integer(item, "project"),
		namespaces: lookup.ChainHint(item),
	}
}

// agentWith evaluates the active token with a digest and its agent. The records themselves decide.
func (v *view) agentWith(digest string, hint agentHint) (*gitlab.AgentToken, *gitlab.Agent, bool) {
	if hint.token != 0 {
		v.Want(layout.AgentKey(hint.agent))
		token, known := lookup.Read[gitlab.AgentToken](v.View, layout.AgentTokenKey(hint.token))
		if !known {
			return nil, nil, false
		}
		if holds(token, digest) {
			return v.agentOf(token)
		}
	}
	lead, known := lookup.Read[lookup.Target](v.View, layout.DigestKey(digest))
	if lead == nil || lead.Kind != layout.KindAgentToken {
		return nil, nil, known
	}
	token, known := lookup.Read[gitlab.AgentToken](v.View, layout.AgentTokenKey(lead.ID))
	if !holds(token, digest) {
		return nil, nil, known
	}
	return v.agentOf(token)
}

// agentOf evaluates the agent of a token, nil for a revoked token or a removed agent.
func (v *view) agentOf(token *gitlab.AgentToken) (*gitlab.AgentToken, *gitlab.Agent, bool) {
	if !token.Active() {
		return nil, nil, true
	}
	agent, known := lookup.Read[gitlab.Agent](v.View, layout.AgentKey(token.AgentID))
	return token, agent, known
}

// agentProject evaluates the requested project. Before the agent is known, its hint leads to its own project.
func (v *view) agentProject(q AgentQuery, agent *gitlab.Agent, hint agentHint) (*gitlab.Container, bool) {
	id := q.ID
	switch {
	case q.Own && agent != nil:
		id = agent.ProjectID
	case q.Own:
		id = hint.project
		v.WantNamespaces(hint.namespaces)
	case q.Path != "" && table.Nameable(q.Path):
		found, known := v.ProjectAt(gitlab.FoldPath(q.Path))
		if found == nil {
			return nil, known
		}
		return v.Of(found, gitlab.ProjectRepository, q.Path), true
	}
	if id <= 0 {
		return nil, true
	}
	return v.ContainerByID(gitlab.Repository{Kind: gitlab.ProjectRepository, ID: id})
}

// holds compares in constant time; no token holds nothing.
func holds(token *gitlab.AgentToken, digest string) bool {
	return token != nil && subtle.ConstantTimeCompare([]byte(token.Digest), []byte(digest)) == 1
}

// agentHint is a token, its agent, that agent's project, and the namespaces above that as far as they are known.
type agentHint struct {
	token, agent, project gitlab.ID
	namespaces            []gitlab.ID
}
