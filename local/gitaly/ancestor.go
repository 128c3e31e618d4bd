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

// killDelay is the time to wait for the output of a killed git.
const killDelay = time.Second

// CommitIsAncestor reports whether a commit is an ancestor of another one, or the same commit. Malformed input is InvalidArgument. A
// missing repository or commit is NotFound, never false.
func (s *Server) CommitIsAncestor(
	ctx context.Context, q *gitalypb.CommitIsAncestorRequest,
) (*gitalypb.CommitIsAncestorResponse, error) {
	r, err := s.find(q.GetRepository())
	if err != nil {
		return nil, err
	}
	for _, id := range []string{q.GetAncestorId(), q.GetChildId()} {
		if len(id) != r.idLength || strings.Trim(id, "0123456789abcdefABCDEF") != "" {
			return nil, status.Errorf(codes.InvalidArgument, "%q is not an id of %d hexadecimal digits", id, r.idLength)
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

// isAncestor runs git, which is killed when the context ends.
func (s *Server) isAncestor(ctx context.Context, r repository, ancestor, child string) (bool, error) {
	//nolint:gosec // the ids are hexadecimal digits, the path lies below our folder
	cmd := exec.CommandContext(ctx, s.git, "--git-dir", r.path, "merge-base", "--is-ancestor", ancestor, child)
	var output bytes.Buffer
	cmd.Dir, cmd.Env, cmd.Stderr, cmd.WaitDelay = r.path, environment(r), &output, killDelay
	err := cmd.Run()
	var exited *exec.ExitError
	switch {
	case err == nil:
		return true, nil
	case ctx.Err() != nil:
		return false, status.FromContextError(ctx.Err()).Err()
	case !errors.As(err, &exited):
		return false, status.Errorf(codes.Internal, "git: %v", err)
	case exited.ExitCode() == 1 && output.Len() == 0: // output means that git could not read the whole history
		return false, nil
	case strings.Contains(output.String(), "Not a valid commit name"):
		return false, status.Errorf(codes.NotFound, "git: %s", bytes.TrimSpace(output.Bytes()))
	}
	return false, status.Errorf(codes.Internal, "git: %v: %s", err, bytes.TrimSpace(output.Bytes()))
}

// environment returns git's environment: the repository without the user's settings, in the language that isAncestor parses. It
// ignores replacements of commits, because every pusher can add one.
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

// escapes escapes the inside of a quoted path in a list, so a colon does not end the path.
var escapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`)
