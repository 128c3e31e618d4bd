package hooks

import (
	"context"

	"postern/shared/auth"
	"postern/shared/gitlab"
	"postern/shared/httpapi"
	"postern/shared/requestlog"
	"postern/shared/store/audit"
)

// gitAuditEvent keeps what gitlab-shell or Gitaly tells of a git command that has ended, for top-level groups that want it
// (need_audit of the answer to allowed). For others there is nothing to keep.
func (h *handler) gitAuditEvent(ctx context.Context, p *httpapi.Params) (httpapi.Response, error) {
	event, err := decodeAudit(p)
	if err != nil {
		return httpapi.Response{}, err
	}
	line := requestlog.From(ctx)
	line.SetContainer(event.Repository.String())
	line.SetAction(event.Action)
	line.SetActor(event.Username)
	_, container, err := h.store.LoadRepository(ctx, event.Repository)
	if err != nil {
		return httpapi.Response{}, err
	}
	// A repository that is gone has nobody left who could want to know.
	if container == nil || container.Chain.Root() == nil || !container.Chain.Root().GitAudit {
		return httpapi.Response{Body: struct{}{}}, nil
	}
	event.Group, event.At, event.Path = container.Chain.Root().ID, h.now(), container.FullPath()
	if err := h.store.KeepAuditEvent(ctx, event); err != nil {
		return httpapi.Response{}, err
	}
	return httpapi.Response{Body: struct{}{}}, nil
}

// decodeAudit reads what was told. Nothing of it is judged but the repository: it is kept as it was said.
func decodeAudit(p *httpapi.Params) (audit.AuditEvent, error) {
	event := audit.AuditEvent{RequestID: p.CallerID()}
	name, _ := p.Text("gl_repository")
	event.Action, _ = p.Text("action")
	event.Protocol, _ = p.Text("protocol")
	event.Username, _ = p.Text("username")
	event.KeyID, _ = p.ID("key_id")
	event.CheckIP, _ = p.Text("check_ip")
	event.Changes, _ = p.Text("changes")
	event.NamespacePath, _ = p.Text("namespace_path")
	event.PayloadSize = p.Count("packfile_stats", "payload_size")
	event.Packets = p.Count("packfile_stats", "packets")
	if err := p.Err(); err != nil {
		return audit.AuditEvent{}, err
	}
	repository, err := gitlab.ParseRepository(name)
	if err != nil {
		return audit.AuditEvent{}, httpapi.BadRequest("gl_repository is malformed")
	}
	event.Repository = repository
	// The request id alone is that of the connection, which carries many commands.
	event.Request, err = p.Fingerprint(auth.Shell.Header())
	return event, err
}
