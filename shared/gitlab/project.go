package gitlab

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"time"
)

// FeatureLevel is who may use one feature of a project.
type FeatureLevel string

// The levels of a feature: everybody who sees the project, its members, nobody.
const (
	FeatureEnabled  FeatureLevel = "enabled"
	FeaturePrivate  FeatureLevel = "private"
	FeatureDisabled FeatureLevel = "disabled"
)

// Project is a repository with its wiki, snippets and settings.
type Project struct {
	ID                              ID                 `json:"id" directory:"required"`
	NamespaceID                     ID                 `json:"namespace_id" directory:"required"`
	Path                            string             `json:"path,omitempty" directory:"required"` // one segment
	Name                            string             `json:"name,omitempty"`
	Visibility                      Visibility         `json:"visibility,omitempty"`
	Archived                        bool               `json:"archived,omitempty"`
	RepositoryReadOnly              bool               `json:"repository_read_only,omitempty"`
	PendingDelete                   bool               `json:"pending_delete,omitempty"`
	DefaultBranch                   string             `json:"default_branch,omitempty"`
	EmptyRepo                       bool               `json:"empty_repo,omitempty"`
	RepositoryExists                bool               `json:"repository_exists,omitempty"`
	Storage                         string             `json:"storage,omitempty"`       // empty: the instance's default
	RelativePath                    string             `json:"relative_path,omitempty"` // empty: hashed from the id
	LFSEnabled                      bool               `json:"lfs_enabled,omitempty"`
	RepositoryAccessLevel           FeatureLevel       `json:"repository_access_level,omitempty"`
	WikiAccessLevel                 FeatureLevel       `json:"wiki_access_level,omitempty"`
	SnippetsAccessLevel             FeatureLevel       `json:"snippets_access_level,omitempty"`
	MergeRequestsAccessLevel        FeatureLevel       `json:"merge_requests_access_level,omitempty"`
	PrintingMergeRequestLinkEnabled bool               `json:"printing_merge_request_link_enabled,omitempty"`
	Redirects                       []string           `json:"redirects,omitempty"` // old full paths
	ErrorTrackingKeys               []ErrorTrackingKey `json:"error_tracking_keys,omitempty"`

	// Collaborations are the open merge requests from this project into another one that let those who may push
	// there push here: "<target project id>:<iid>" to the source branch. Kept by the service.
	Collaborations map[string]string `json:"collaborations,omitempty" directory:"-"`
	// Merging are the merge requests into this project that are just being merged: "<project id>:<iid>" to "<commit> <branch>",
	// the commit that the branch will point to. Kept by the service.
	Merging map[string]string `json:"merging,omitempty" directory:"-"`
	// RepositoryDue says that a push has made the project, and that nobody knows yet of its repository on the storage. Kept by
	// the service.
	RepositoryDue bool `json:"repository_due,omitempty" directory:"-"`
	// LastActivityAt is when the project was last pushed to. Kept by the service.
	LastActivityAt *time.Time `json:"last_activity_at,omitempty" directory:"-"`
}

// DefaultProject returns a project of which nothing has been said yet.
func DefaultProject() Project {
	return Project{
		Visibility: Private, DefaultBranch: "main", RepositoryExists: true, LFSEnabled: true,
		RepositoryAccessLevel: FeatureEnabled, WikiAccessLevel: FeatureEnabled,
		SnippetsAccessLevel: FeatureEnabled, MergeRequestsAccessLevel: FeatureEnabled,
		PrintingMergeRequestLinkEnabled: true,
	}
}

// ErrorTrackingKey is a client key of a project's integrated error tracking.
type ErrorTrackingKey struct {
	PublicKey string `json:"public_key" directory:"required"`
	Active    bool   `json:"active,omitempty"`
}

// DiskPath returns where a repository without a place of its own lies on its storage, without the ".git": the hashed
// layout of the id below the given folder ("@hashed", "@snippets", "@groups").
func DiskPath(folder string, id ID) string {
	sum := sha256.Sum256([]byte(strconv.FormatInt(id, 10)))
	h := hex.EncodeToString(sum[:])
	return folder + "/" + h[0:2] + "/" + h[2:4] + "/" + h
}
