package gitlab

// Snippet is a small repository of a user, or of a project.
type Snippet struct {
	ID            ID         `json:"id" directory:"required"`
	ProjectID     *ID        `json:"project_id,omitempty"` // nil: personal
	AuthorID      ID         `json:"author_id" directory:"required"`
	Visibility    Visibility `json:"visibility,omitempty"`
	DefaultBranch string     `json:"default_branch,omitempty"`
	Storage       string     `json:"storage,omitempty"` // empty: the instance's default
}

// MergeRequestState is where a merge request stands.
type MergeRequestState string

// The states of a merge request.
const (
	MergeRequestOpened MergeRequestState = "opened"
	MergeRequestLocked MergeRequestState = "locked"
	MergeRequestMerged MergeRequestState = "merged"
	MergeRequestClosed MergeRequestState = "closed"
)

// MergeRequest asks for a branch to be merged into another; ProjectID is the target's.
type MergeRequest struct {
	ProjectID                ID                `json:"project_id" directory:"required"`
	IID                      ID                `json:"iid" directory:"required"`
	SourceProjectID          ID                `json:"source_project_id,omitempty"` // default: ProjectID
	SourceBranch             string            `json:"source_branch,omitempty" directory:"required"`
	TargetBranch             string            `json:"target_branch,omitempty" directory:"required"`
	State                    MergeRequestState `json:"state,omitempty"`
	Title                    string            `json:"title,omitempty"`
	InProgressMergeCommitSHA *string           `json:"in_progress_merge_commit_sha,omitempty"`
	AllowCollaboration       bool              `json:"allow_collaboration,omitempty"`
}
