package gitaccess

import (
	"encoding/base64"
	"encoding/json"
	"time"

	"postern/shared/access"
	"postern/shared/gitlab"
	"postern/shared/httpapi"
	"postern/shared/store/lookup"
	"postern/shared/store/pushes"
)

// query is a decoded request (internal API, allowed).
type query struct {
	actor         gitlab.ActorRef
	action        string
	protocol      string
	changes       string          // "" for known changes, which are then in refs
	refs          []gitlab.Change // of Gitaly's call
	large         bool            // the refs are too many to be stored
	quarantine    quarantine
	repository    *gitlab.Repository
	path          string // cleaned clone path, where no repository is given
	checkIP       string
	namespacePath string
	confined      bool
}

func decode(p *httpapi.Params) (*query, error) {
	q := &query{actor: httpapi.Actor(p)}
	q.action, _ = p.Text("action")
	q.protocol, _ = p.Text("protocol")
	q.changes, _ = p.Bytes("changes")
	q.quarantine = decodeQuarantine(p)
	q.checkIP, _ = p.Text("check_ip")
	q.namespacePath, q.confined = p.Text("namespace_path")
	q.confined = q.confined && q.namespacePath != ""
	project, byPath := p.Text("project")
	glRepository, byID := p.Text("gl_repository")
	clientContext, _ := p.Text("gitaly_client_context_bin")
	if err := p.Err(); err != nil {
		return nil, err
	}
	if err := checkClientContext(clientContext); err != nil {
		return nil, err
	}
	if err := q.parseChanges(); err != nil {
		return nil, err
	}
	switch {
	case byID:
		repository, err := gitlab.ParseRepository(glRepository)
		if err != nil {
			return nil, httpapi.BadRequest("gl_repository is malformed")
		}
		q.repository = &repository
	case byPath:
		q.path = gitlab.CleanPath(project)
	default:
		return nil, httpapi.BadRequest("project or gl_repository is missing")
	}
	return q, nil
}

// parseChanges reads the changes of a push that is more than announced. Changes of a download have no meaning.
func (q *query) parseChanges() error {
	if q.changes == access.AnyChanges || q.action != access.ReceivePack {
		return nil
	}
	refs, err := gitlab.ParseChanges(q.changes)
	if err != nil {
		return httpapi.BadRequest("changes is malformed")
	}
	q.large = !pushes.StorableChanges(q.changes)
	q.changes, q.refs = "", refs
	return nil
}

// checkClientContext rejects a text that is not base64 of a JSON object. Its content is not used.
func checkClientContext(encoded string) error {
	if encoded == "" {
		return nil
	}
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || !json.Valid(raw) {
		return httpapi.BadRequest("malformed gitaly_client_context_bin")
	}
	var object map[string]json.RawMessage
	if json.Unmarshal(raw, &object) != nil || object == nil {
		return httpapi.BadRequest("Decoded gitaly_client_context_bin is not a valid JSON object")
	}
	return nil
}

func (q *query) push() lookup.PushQuery {
	return lookup.PushQuery{
		Actor:      q.actor,
		Repository: q.repository,
		Path:       q.path,
		Push:       q.action == access.ReceivePack,
		Refs:       q.refs,
	}
}

// target returns the name of the repository for the log and the rate limit.
func (q *query) target() string {
	if q.repository != nil {
		return q.repository.String()
	}
	return q.path
}

// facts joins the request with the loaded records.
func (q *query) facts(c *lookup.PushContext, now func() time.Time) *access.Request {
	return &access.Request{
		Action:         q.action,
		Protocol:       q.protocol,
		Changes:        q.changes,
		Refs:           q.refs,
		Large:          q.large,
		Rules:          c.Protection,
		CheckIP:        q.checkIP,
		NamespacePath:  q.namespacePath,
		Confined:       q.confined,
		Actor:          c.Actor,
		Container:      c.Container,
		Asked:          c.Asked,
		AskedPath:      q.path,
		Parent:         c.Parent,
		Members:        c.Members,
		Link:           c.Link,
		CreatorMembers: c.CreatorMembers,
		Instance:       c.Settings.Instance,
		OTPSession:     c.OTPSession,
		SSOSession:     c.SSOSession,
		Collaborations: c.Collaborations,
		Now:            now(),
		Clock:          now,
	}
}
