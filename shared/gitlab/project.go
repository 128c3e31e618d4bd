package gitlab

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"time"
)

// FeatureLevel is the audience of one feature of a project.
type FeatureLevel string

// The levels of a feature: all users that see the project, its members, no user.
const (
	FeatureEnabled  FeatureLevel = "enabled"
	FeaturePrivate  FeatureLevel = "private"
	FeatureDisabled FeatureLevel = "disabled"
)

// Project is a repository with its wiki, snippets and settings.
type Project struct {
	// number of the project
	ID ID `json:"id" directory:"required"`
	// group or personal namespace
	NamespaceID ID `json:"namespace_id" directory:"required"`
	// one segment of the full path, unique in the namespace
	Path string `json:"path,omitempty" directory:"required"`
	// display name; empty: the path
	Name string `json:"name,omitempty"`
	// visibility of the project
	Visibility Visibility `json:"visibility,omitempty"`
	// rejects pushes
	Archived bool `json:"archived,omitempty"`
	// rejects pushes while the repository moves
	RepositoryReadOnly bool `json:"repository_read_only,omitempty"`
	// is not found any more
	PendingDelete bool `json:"pending_delete,omitempty"`
	// default branch
	DefaultBranch string `json:"default_branch,omitempty"`
	// repository has no branch yet
	EmptyRepo bool `json:"empty_repo,omitempty"`
	// repository exists on the storage
	RepositoryExists bool `json:"repository_exists,omitempty"`
	// wiki's repository exists on the storage; false: the first push makes it; null: true
	WikiRepositoryExists *bool `json:"wiki_repository_exists,omitempty"`
	// storage of the repository; empty: the instance's default
	Storage string `json:"storage,omitempty"`
	// path on the storage; empty: hashed from the id
	RelativePath string `json:"relative_path,omitempty"`
	// serves LFS
	LFSEnabled bool `json:"lfs_enabled,omitempty"`
	// access to the repository
	RepositoryAccessLevel FeatureLevel `json:"repository_access_level,omitempty"`
	// access to the wiki
	WikiAccessLevel FeatureLevel `json:"wiki_access_level,omitempty"`
	// access to snippets
	SnippetsAccessLevel FeatureLevel `json:"snippets_access_level,omitempty"`
	// access to merge requests
	MergeRequestsAccessLevel FeatureLevel `json:"merge_requests_access_level,omitempty"`
	// prints merge request links after pushes
	PrintingMergeRequestLinkEnabled bool `json:"printing_merge_request_link_enabled,omitempty"`
	// old full paths
	Redirects []string `json:"redirects,omitempty"`
	// client keys of error tracking
	ErrorTrackingKeys []ErrorTrackingKey `json:"error_tracking_keys,omitempty"`

	// Collaborations are the open merge requests from this project into another one that let those who may push
	// there push here: "<target project id>:<iid>" to the source branch. Kept by the service.
	Collaborations map[string]string `json:"collaborations,omitempty" directory:"-"`
	// Merging are the merge requests into this project that are just being merged: "<project id>:<iid>" to "<commit> <branch>",
	// the commit that the branch will point to. Kept by the service.
	Merging map[string]string `json:"merging,omitempty" directory:"-"`
	// RepositoryDue marks a project from a push whose repository is not known to be on the storage yet. Kept by the service.
	RepositoryDue bool `json:"repository_due,omitempty" directory:"-"`
	// HeadDue is the default branch that HEAD has to be set to on the storage, "" once it is. Kept by the service.
	HeadDue string `json:"head_due,omitempty" directory:"-"`
	// WikiMade reports that the service has made the wiki's repository. Kept by the service.
	WikiMade bool `json:"wiki_made,omitempty" directory:"-"`
	// LastActivityAt is when the project was last pushed to. Kept by the service.
	LastActivityAt *time.Time `json:"last_activity_at,omitempty" directory:"-"`
}

// DefaultProject returns a project with the default of every field.
func DefaultProject() Project {
	return Project{
		Visibility: Private, DefaultBranch: "main", RepositoryExists: true, LFSEnabled: true,
		RepositoryAccessLevel: FeatureEnabled, WikiAccessLevel: FeatureEnabled,
		SnippetsAccessLevel: FeatureEnabled, MergeRequestsAccessLevel: FeatureEnabled,
		PrintingMergeRequestLinkEnabled: true,
	}
}

// HasWikiRepository reports whether the storage has the repository of the wiki.
func (p *Project) HasWikiRepository() bool {
	return p.WikiRepositoryExists == nil || *p.WikiRepositoryExists
}

// ErrorTrackingKey is a client key of a project's integrated error tracking.
type ErrorTrackingKey struct {
	// the key
	PublicKey string `json:"public_key" directory:"required"`
	// may report errors
	Active bool `json:"active,omitempty"`
}

// DiskPath returns the default path of a repository on its storage, without ".git": the hashed layout of the id below the folder
// ("@hashed", "@snippets", "@groups").
func DiskPath(folder string, id ID) string {
	sum := sha256.Sum256([]byte(strconv.FormatInt(id, 10)))
	h := hex.EncodeToString(sum[:])
	return folder + "/" + h[0:2] + "/" + h[2:4] + "/" + h
}
