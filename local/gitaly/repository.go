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

// repository is a repository on disk, with the object directories that a question is to be answered from.
type repository struct {
	path       string
	objects    string   // "": the repository's own
	alternates []string // looked into besides
	idLength   int      // of its hash, in hexadecimal digits
}

// find returns the repository that a message names. Nothing outside of the server's folder is looked at, and no object
// directory outside of the repository, whether by "..", by an absolute path or by a symbolic link.
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
			return repository{}, status.Errorf(codes.NotFound, "there is no repository at %q", m.GetRelativePath())
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

// below returns the directory at a path below a folder: InvalidArgument if the path leads or could lead elsewhere,
// NotFound if nothing is there.
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
		return "", status.Errorf(codes.NotFound, "repository: %s %q is not there", field, path)
	case err != nil: // a symbolic link that leads out, among others
		return "", status.Errorf(codes.InvalidArgument, "repository: %s: %v", field, err)
	case !info.IsDir():
		return "", status.Errorf(codes.InvalidArgument, "repository: %s %q is no directory", field, path)
	}
	return filepath.Join(folder, path), nil
}

// sha256Format is how git init writes down that a repository's hash is SHA-256.
var sha256Format = regexp.MustCompile(`(?im)^\s*objectformat\s*=\s*sha256\s*$`)

// idLength tells how long ids are in a repository. Git would take a shorter one for an abbreviation, and a longer one
// for a branch's name.
func idLength(path string) (int, error) {
	config, err := os.ReadFile(filepath.Join(path, "config")) //nolint:gosec // below our folder, as find has seen to
	if err != nil {
		return 0, err
	}
	if sha256Format.Match(config) {
		return 64, nil
	}
	return 40, nil
}
