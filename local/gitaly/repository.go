package gitaly

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"postern/shared/gitaly/gitalypb"
)

// repository is a repository on disk with the object directories of a request.
type repository struct {
	path       string
	objects    string   // "": the repository's own
	alternates []string // additional object directories
	idLength   int      // hexadecimal digits of an id
}

// find returns the repository of a message. It reads nothing outside of the server's folder, and no object directory outside of the
// repository. This includes "..", absolute paths and symbolic links.
func (s *Server) find(m *gitalypb.Repository) (repository, error) {
	if m.GetStorageName() == "" {
		return repository{}, status.Error(codes.InvalidArgument, "repository: storage_name is empty")
	}
	path, err := below(s.folder, "relative_path", m.GetRelativePath())
	if err != nil {
		return repository{}, err
	}
	r := repository{path: path}
	for _, part := range []string{"HEAD", "objects", "refs"} {
		if _, err := os.Stat(filepath.Join(path, part)); err != nil {
			return repository{}, status.Errorf(codes.NotFound, "no repository at %q", m.GetRelativePath())
		}
	}
	if r.idLength, err = idLength(path); err != nil {
		return repository{}, status.Errorf(codes.Internal, "the repository's config: %v", err)
	}
	if m.GetGitObjectDirectory() != "" {
		if r.objects, err = below(path, "git_object_directory", m.GetGitObjectDirectory()); err != nil {
			return repository{}, err
		}
	}
	for _, alternate := range m.GetGitAlternateObjectDirectories() {
		directory, err := below(path, "git_alternate_object_directories", alternate)
		if err != nil {
			return repository{}, err
		}
		r.alternates = append(r.alternates, directory)
	}
	return r, nil
}

// below returns the directory at a path below a folder. A path that leads or could lead elsewhere is InvalidArgument. A missing path is
// NotFound.
func below(folder, field, path string) (string, error) {
	if !filepath.IsLocal(path) || slices.Contains(strings.Split(path, "/"), "..") {
		return "", status.Errorf(codes.InvalidArgument, "repository: %s %q must be a path below", field, path)
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return "", status.Errorf(codes.Internal, "repository: %v", err)
	}
	defer func() { _ = root.Close() }()
	switch info, err := root.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
		return "", status.Errorf(codes.NotFound, "repository: %s %q does not exist", field, path)
	case err != nil: // such as a symbolic link to the outside
		return "", status.Errorf(codes.InvalidArgument, "repository: %s: %v", field, err)
	case !info.IsDir():
		return "", status.Errorf(codes.InvalidArgument, "repository: %s %q is not a directory", field, path)
	}
	return filepath.Join(folder, path), nil
}

// sha256Format matches the config of a repository with SHA-256.
var sha256Format = regexp.MustCompile(`(?im)^\s*objectformat\s*=\s*sha256\s*$`)

// idLength returns the length of a repository's ids. Git would treat a shorter id as an abbreviation and a longer one as a branch.
func idLength(path string) (int, error) {
	config, err := os.ReadFile(filepath.Join(path, "config")) //nolint:gosec // find checked that it is below the folder
	if err != nil {
		return 0, err
	}
	if sha256Format.Match(config) {
		return 64, nil
	}
	return 40, nil
}
