package gitlab

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

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
	// target project
	ProjectID ID `json:"project_id" directory:"required"`
	// number in the target project
	IID ID `json:"iid" directory:"required"`
	// source project; 0: the target project
	SourceProjectID ID `json:"source_project_id,omitempty"`
	// source branch
	SourceBranch string `json:"source_branch,omitempty" directory:"required"`
	// target branch
	TargetBranch string `json:"target_branch,omitempty" directory:"required"`
	// state
	State MergeRequestState `json:"state,omitempty"`
	// title
	Title string `json:"title,omitempty"`
	// commit of a merge in progress
	InProgressMergeCommitSHA *string `json:"in_progress_merge_commit_sha,omitempty"`
	// lets users that may merge push to the source branch
	AllowCollaboration bool `json:"allow_collaboration,omitempty"`
}

// The limits of a merge request's texts (internal API, post_receive).
const (
	MaxTitle       = 255     // characters
	MaxDescription = 1 << 20 // bytes
)

// draftPrefix begins the title of a draft.
const draftPrefix = "Draft: "

// draftTitle matches the titles that GitLab takes for those of drafts.
var draftTitle = regexp.MustCompile(`(?i)^\s*(\[draft\]|draft:|\(draft\))`)

// TitleProblem returns the rule that a merge request's title breaks, "" for none. Documents and push options share it, so
// each title that a push sets can be exported and loaded again.
func TitleProblem(title string) string {
	switch {
	case utf8.RuneCountInString(title) > MaxTitle:
		return fmt.Sprintf("is too long (maximum is %d characters)", MaxTitle)
	case !utf8.ValidString(title) || strings.ContainsRune(title, 0):
		return "must be text"
	}
	return ""
}

// DescriptionProblem returns the rule that a description breaks, "" for none. The limit counts bytes.
func DescriptionProblem(description string) string {
	if len(description) > MaxDescription {
		return fmt.Sprintf("is too long (maximum is %d characters)", MaxDescription)
	}
	return ""
}

// DraftTitle marks a title as that of a draft, once.
func DraftTitle(title string) string {
	if draftTitle.MatchString(title) {
		return title
	}
	return draftPrefix + title
}

// TitleOfBranch returns the title of a merge request that has none. A long branch name is cut, so that the title is valid
// with the mark of a draft, too.
func TitleOfBranch(branch string) string {
	characters := []rune(branch)
	return string(characters[:min(len(characters), MaxTitle-len(draftPrefix))])
}

// ApplyOptions sets the target branch and the title as push options ask.
func (mr *MergeRequest) ApplyOptions(options PushOptions) {
	if target := options.Get("merge_request", "target"); target != "" {
		mr.TargetBranch = target
	}
	if title := options.Get("merge_request", "title"); title != "" {
		mr.Title = title
	}
	if options.Has("merge_request", "draft") {
		mr.Title = DraftTitle(mr.Title)
	}
}
