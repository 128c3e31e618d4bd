package gitaly

import (
	"bytes"
	"context"
	"errors"
	"os/exec"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"postern/shared/gitaly/gitalypb"
)

// killDelay is how long the output of a git that was killed is waited for.
const killDelay = time.Second

// CommitIsAncestor tells whether one commit is an ancestor of another one, or the same. What is malformed is
// InvalidArgument, a repository or commit that is not there NotFound, never "no".
func (s *Server) CommitIsAncestor(
	ctx context.Context, q *gitalypb.CommitIsAncestorRequest,
) (*gitalypb.CommitIsAncestorResponse, error) {
	r, err := s.find(q.GetRepository())
	if err != nil {
		return nil, err
	}
	for _, id := range []string{q.GetAncestorId(), q.GetChildId()} {
		if len(id) != r.idLength || strings.Trim(id, "0123456789abcdefABCDEF") != "" {
			return nil, status.Errorf(codes.InvalidArgument, "%q is no id: they have %d hexadecimal digits here", id, r.idLength)
		}
	}
	if err := s.running.Acquire(ctx, 1); err != nil {
		return nil, status.FromContextError(err).Err()
	}
	defer s.running.Release(1)
	value, err := s.isAncestor(ctx, r, q.GetAncestorId(), q.GetChildId())
	if err != nil {
		return nil, err
	}
	return &gitalypb.CommitIsAncestorResponse{Value: value}, nil
}

// isAncestor asks git, which is killed when the context ends.
func (s *Server) isAncestor(ctx context.Context, r repository, ancestor, child string) (bool, error) {
	//nolint:gosec // the ids are hexadecimal digits, the path lies below our folder
	cmd := exec.CommandContext(ctx, s.git, "--git-dir", r.path, "merge-base", "--is-ancestor", ancestor, child)
	var said bytes.Buffer
	cmd.Dir, cmd.Env, cmd.Stderr, cmd.WaitDelay = r.path, environment(r), &said, killDelay
	err := cmd.Run()
	var exited *exec.ExitError
	switch {
	case err == nil:
		return true, nil
	case ctx.Err() != nil:
		return false, status.FromContextError(ctx.Err()).Err()
	case !errors.As(err, &exited):
		return false, status.Errorf(codes.Internal, "git: %v", err)
	case exited.ExitCode() == 1 && said.Len() == 0: // with complaints it means that git could not read all of the history
		return false, nil
	case strings.Contains(said.String(), "Not a valid commit name"):
		return false, status.Errorf(codes.NotFound, "git: %s", bytes.TrimSpace(said.Bytes()))
	}
	return false, status.Errorf(codes.Internal, "git: %v: %s", err, bytes.TrimSpace(said.Bytes()))
}

// environment is all that git sees of the world: the repository as it is, without anybody's settings, without
// replacements of commits, which every pusher could put there, and in the language that isAncestor reads.
func environment(r repository) []string {
	env := []string{
		"GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_SYSTEM=/dev/null", "GIT_CONFIG_GLOBAL=/dev/null",
		"GIT_NO_REPLACE_OBJECTS=1", "GIT_NO_LAZY_FETCH=1", "LC_ALL=C",
	}
	if r.objects != "" {
		env = append(env, "GIT_OBJECT_DIRECTORY="+r.objects)
	}
	if len(r.alternates) > 0 {
		quoted := make([]string, len(r.alternates))
		for i, alternate := range r.alternates {
			quoted[i] = `"` + escapes.Replace(alternate) + `"`
		}
		env = append(env, "GIT_ALTERNATE_OBJECT_DIRECTORIES="+strings.Join(quoted, ":"))
	}
	return env
}

// escapes makes the inside of a quoted path of a list, in which a colon does not end the path.
var escapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`)
