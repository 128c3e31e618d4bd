package gitaly

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"postern/shared/gitaly/gitalypb"
)

// CreateRepository creates an empty repository. Its HEAD is the given default branch, or "main". Malformed paths and paths outside of
// the folder are InvalidArgument. An existing path is AlreadyExists.
func (s *Server) CreateRepository(
	ctx context.Context, q *gitalypb.CreateRepositoryRequest,
) (*gitalypb.CreateRepositoryResponse, error) {
	path := q.GetRepository().GetRelativePath()
	if q.GetRepository().GetStorageName() == "" || !filepath.IsLocal(path) || filepath.Clean(path) == "." {
		return nil, status.Errorf(codes.InvalidArgument, "repository: storage_name is empty, or relative_path %q is not a path below", path)
	}
	root, err := os.OpenRoot(s.folder)
	if err != nil {
		return nil, status.Errorf(codes.Internal, "repository: %v", err)
	}
	defer func() { _ = root.Close() }()
	err = root.MkdirAll(filepath.Dir(path), 0o700)
	if err == nil {
		err = root.Mkdir(path, 0o700)
	}
	switch {
	case errors.Is(err, fs.ErrExist):
		return nil, status.Errorf(codes.AlreadyExists, "repository: %q exists", path)
	case err != nil: // such as a symbolic link to the outside
		return nil, status.Errorf(codes.InvalidArgument, "repository: %v", err)
	}
	if err := s.initialize(ctx, path, cmp.Or(string(q.GetDefaultBranch()), "main")); err != nil {
		_ = root.RemoveAll(path) // an unfinished repository would look finished
		return nil, err
	}
	return &gitalypb.CreateRepositoryResponse{}, nil
}

// initialize runs git init in an empty directory.
func (s *Server) initialize(ctx context.Context, path, branch string) error {
	//nolint:gosec // the path lies below our folder
	cmd := exec.CommandContext(ctx, s.git, "init", "--quiet", "--bare", "--template=", "--initial-branch="+branch)
	var output bytes.Buffer
	cmd.Dir, cmd.Env, cmd.Stderr, cmd.WaitDelay = filepath.Join(s.folder, path), environment(repository{}), &output, killDelay
	switch err := cmd.Run(); {
	case ctx.Err() != nil:
		return status.FromContextError(ctx.Err()).Err()
	case err != nil:
		return status.Errorf(codes.InvalidArgument, "git: %v: %s", err, bytes.TrimSpace(output.Bytes()))
	}
	return nil
}
