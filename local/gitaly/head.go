package gitaly

import (
	"bytes"
	"context"
	"os/exec"
	"slices"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"postern/shared/gitaly/gitalypb"
)

// FindDefaultBranchName returns the full name of HEAD's branch if it exists, else of main, master, or the first branch by name.
// The name is empty for a repository without branches.
func (s *Server) FindDefaultBranchName(
	ctx context.Context, q *gitalypb.FindDefaultBranchNameRequest,
) (*gitalypb.FindDefaultBranchNameResponse, error) {
	r, err := s.find(q.GetRepository())
	if err != nil {
		return nil, err
	}
	listed, err := s.output(ctx, r, "for-each-ref", "--format=%(refname)", "refs/heads/")
	if err != nil {
		return nil, err
	}
	branches := slices.DeleteFunc(strings.Split(listed, "\n"), func(name string) bool { return name == "" })
	if len(branches) == 0 {
		return &gitalypb.FindDefaultBranchNameResponse{}, nil
	}
	head, err := s.output(ctx, r, "symbolic-ref", "HEAD")
	if err != nil {
		return nil, err
	}
	name := branches[0]
	for _, candidate := range []string{"refs/heads/master", "refs/heads/main", strings.TrimSpace(head)} {
		if slices.Contains(branches, candidate) {
			name = candidate
		}
	}
	return &gitalypb.FindDefaultBranchNameResponse{Name: []byte(name)}, nil
}

// WriteRef sets HEAD to a branch, which need not exist. Other refs and revisions are InvalidArgument.
func (s *Server) WriteRef(ctx context.Context, q *gitalypb.WriteRefRequest) (*gitalypb.WriteRefResponse, error) {
	r, err := s.find(q.GetRepository())
	if err != nil {
		return nil, err
	}
	branch, ok := strings.CutPrefix(string(q.GetRevision()), "refs/heads/")
	if string(q.GetRef()) != "HEAD" || !ok || branch == "" {
		return nil, status.Errorf(codes.InvalidArgument, "ref %q, revision %q: only HEAD is set, and to a branch",
			q.GetRef(), q.GetRevision())
	}
	if _, err := s.output(ctx, r, "symbolic-ref", "HEAD", string(q.GetRevision())); err != nil {
		return nil, status.Errorf(codes.InvalidArgument, "revision: %v", err)
	}
	return &gitalypb.WriteRefResponse{}, nil
}

// output runs git in a repository and returns its standard output. The process ends with the context.
func (s *Server) output(ctx context.Context, r repository, arguments ...string) (string, error) {
	if err := s.running.Acquire(ctx, 1); err != nil {
		return "", status.FromContextError(err).Err()
	}
	defer s.running.Release(1)
	//nolint:gosec // no shell, and the path lies below our folder
	cmd := exec.CommandContext(ctx, s.git, append([]string{"--git-dir", r.path}, arguments...)...)
	var failure bytes.Buffer
	cmd.Dir, cmd.Env, cmd.Stderr, cmd.WaitDelay = r.path, environment(r), &failure, killDelay
	out, err := cmd.Output()
	switch {
	case ctx.Err() != nil:
		return "", status.FromContextError(ctx.Err()).Err()
	case err != nil:
		return "", status.Errorf(codes.Internal, "git: %v: %s", err, bytes.TrimSpace(failure.Bytes()))
	}
	return string(out), nil
}
