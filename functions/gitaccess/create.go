package gitaccess

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"postern/shared/access"
	"postern/shared/gitlab"
	"postern/shared/requestlog"
	"postern/shared/store/lookup"
	"postern/shared/store/pushes"
	"postern/shared/store/record"
	"postern/shared/table"
)

// create makes the private project that a push names, and decides again (internal API, allowed). Of two concurrent pushes, one
// creates the project and the other finds it.
func (h *handler) create(ctx context.Context, q *query, c *lookup.PushContext, r *access.Request) (access.Decision, error) {
	project := q.newProject(c)
	if problems := access.ProjectPathProblems(project.Path); len(problems) > 0 {
		return access.CouldNotCreate(problems), nil
	}
	person := project.Creator
	container, err := h.store.CreateProject(ctx, project)
	switch {
	case errors.Is(err, table.ErrConflict):
		return h.createdByAnother(ctx, q, c, r)
	case errors.Is(err, pushes.ErrLimit):
		return access.CouldNotCreate([]string{textLimit}), nil
	case err != nil:
		return access.Decision{}, err
	}
	r.Container = container
	h.keepMessage(ctx, person.ID, container, pushes.CreatedMessage, createdMessage(&c.Settings, q.protocol, container))
	return access.Check(r), nil
}

// textLimit rejects a project beyond the creator's projects_limit.
const textLimit = "Your project limit is reached"

// newProject returns the project that the push would create.
func (q *query) newProject(c *lookup.PushContext) pushes.NewProject {
	return pushes.NewProject{Path: q.newProjectPath(), Parent: c.Parent, Creator: c.Actor.Person()}
}

// newProjectPath returns the last segment of the pushed path.
func (q *query) newProjectPath() string { return q.path[strings.LastIndexByte(q.path, '/')+1:] }

// createdByAnother decides for the project that has taken the path in the meantime.
func (h *handler) createdByAnother(
	ctx context.Context, q *query, c *lookup.PushContext, r *access.Request,
) (access.Decision, error) {
	loaded, err := h.store.LoadPushContext(ctx, q.push())
	if err != nil {
		return access.Decision{}, err
	}
	*c, *r = loaded, *q.facts(&loaded, h.now)
	if loaded.Container == nil {
		return access.CouldNotCreate([]string{"Path has already been taken"}), nil
	}
	return access.Check(r), nil
}

// keep writes the side effects of a decision. It runs before the answer, because a function stops with its answer. A failed
// write changes no answer.
func (h *handler) keep(ctx context.Context, q *query, r *access.Request, d *access.Decision) {
	if d.Moved {
		message := movedMessage(r, q.protocol)
		h.keepMessage(ctx, r.Actor.User.ID, r.Container, pushes.MovedMessage, message)
	}
	if r.Actor.Key != nil {
		h.note(ctx, h.store.TouchKey(ctx, r.Actor.Key))
	}
	if d.Outcome == access.Allowed && r.Action != access.ReceivePack && r.Actor.User != nil {
		h.note(ctx, h.store.TouchUser(ctx, r.Actor.User))
	}
}

func (h *handler) keepMessage(
	ctx context.Context, user gitlab.ID, c *gitlab.Container, kind pushes.MessageKind, message string,
) {
	h.note(ctx, h.store.KeepMessage(ctx, user, c.Repository, kind, message))
}

func (h *handler) note(ctx context.Context, err error) {
	if err != nil {
		requestlog.From(ctx).SetCause(err)
	}
}

func cloneURL(settings *gitlab.Instance, protocol, path string) string {
	if protocol == "ssh" {
		return settings.SSHCloneURL(path)
	}
	return settings.HTTPCloneURL(path)
}

// movedMessage names the new path to a user of the old one (internal API, post_receive).
func movedMessage(r *access.Request, protocol string) string {
	path := r.Container.FullPath()
	return fmt.Sprintf(
		"Project '%s' was moved to '%s'.\n\nPlease update your Git remote:\n\n  git remote set-url origin %s\n",
		r.Container.RedirectedPath, path, cloneURL(&r.Instance, protocol, path))
}

// createdMessage announces the project that the push has created (internal API, post_receive).
func createdMessage(settings *record.Settings, protocol string, c *gitlab.Container) string {
	path := c.FullPath()
	return fmt.Sprintf("\nThe private project %s was successfully created.\n\nTo configure the remote, run:\n"+
		"  git remote add origin %s\n\nTo view the project, visit:\n  %s\n\n",
		path, cloneURL(&settings.Instance, protocol, path), settings.WebURL(path))
}
