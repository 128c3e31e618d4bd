package store

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"postern/shared/gitlab"
)

// RefRecord is where a branch or tag points to.
func RefRecord(ref *gitlab.Ref) *Record {
	r := newRecord(refKey(ref.ProjectID, ref.Name), ref)
	r.refer(projectKey(ref.ProjectID))
	return r
}

// SnippetRecord is a snippet, listed with its author and its project.
func SnippetRecord(s *gitlab.Snippet) *Record {
	r := newRecord(snippetKey(s.ID), s)
	r.referTo(userKey(s.AuthorID), "snippet#"+num(s.ID))
	if s.ProjectID != nil {
		r.referTo(projectKey(*s.ProjectID), "snippet#"+num(s.ID))
	}
	return r
}

// MergeRequestRecord is a merge request, listed with its source branch. One that lets those who may push to the
// target push to its source branch, too, is also noted in the source project, as long as it is open.
func MergeRequestRecord(mr *gitlab.MergeRequest) *Record {
	r := newRecord(mergeRequestKey(mr.ProjectID, mr.IID), mr)
	r.refer(projectKey(mr.ProjectID))
	r.refer(projectKey(mr.SourceProjectID))
	r.own(mergeRequestSourceKey(mr.SourceProjectID, mr.SourceBranch, mr.ProjectID, mr.IID), Item{
		"project_id": number(mr.ProjectID),
		"iid":        number(mr.IID),
		"state":      &types.AttributeValueMemberS{Value: string(mr.State)},
	})
	if mr.AllowCollaboration && mr.State == gitlab.MergeRequestOpened && mr.SourceProjectID != mr.ProjectID {
		r.entry = &entry{
			key:       projectKey(mr.SourceProjectID),
			attribute: "collaborations",
			name:      num(mr.ProjectID) + ":" + num(mr.IID),
			value:     &types.AttributeValueMemberS{Value: mr.SourceBranch},
		}
	}
	return r
}
