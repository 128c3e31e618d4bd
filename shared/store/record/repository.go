package record

import (
	"postern/shared/gitlab"
	"postern/shared/store/layout"
	"postern/shared/table"
)

// RefRecord is where a branch or tag points to. A name that is not UTF-8 has its bytes in the key only: attributes are texts.
func RefRecord(ref *gitlab.Ref) *Record {
	r := newRecord(layout.RefKey(ref.ProjectID, ref.Name), ref)
	r.attrs["ref"] = table.String(layout.PlainRef(ref.Name))
	r.refer(layout.ProjectKey(ref.ProjectID))
	return r
}

// storedRef builds the record of a ref's item. One that was gone runs out, unless a document brings it back.
func storedRef(item table.Item) (*Record, error) {
	ref, err := RefAt(item)
	if err != nil {
		return nil, err
	}
	r := RefRecord(ref)
	if expires, ok := item["expires"]; ok {
		r.attrs["expires"] = expires
	}
	return r, nil
}

// RefAt decodes the item of a ref.
func RefAt(item table.Item) (*gitlab.Ref, error) {
	ref := new(gitlab.Ref)
	if err := table.Decode(item, ref); err != nil {
		return nil, err
	}
	ref.Name = layout.UnescapeRef(table.Rest(table.Text(item, "sk")))
	return ref, nil
}

// SnippetRecord is a snippet, listed with its author and its project.
func SnippetRecord(s *gitlab.Snippet) *Record {
	r := newRecord(layout.SnippetKey(s.ID), s)
	r.referTo(layout.UserKey(s.AuthorID), "snippet#"+table.ID(s.ID))
	if s.ProjectID != nil {
		r.referTo(layout.ProjectKey(*s.ProjectID), "snippet#"+table.ID(s.ID))
	}
	return r
}

// kindMergeRequest is the kind of the record that holds a pair of branches.
const kindMergeRequest = "merge_request"

// MergeRequestRecord is a merge request, listed with its source branch. While it is open it holds its pair of branches and is
// noted with the source branch, for the link that a push prints. The source project notes it, too, if it opens the branch to
// developers of the target. While it is being merged, the target project notes the commit that this makes.
func MergeRequestRecord(mr *gitlab.MergeRequest) *Record {
	r := newRecord(layout.MergeRequestKey(mr.ProjectID, mr.IID), mr)
	r.refer(layout.ProjectKey(mr.ProjectID))
	r.refer(layout.ProjectKey(mr.SourceProjectID))
	r.own(mergeRequestSourceKey(mr.SourceProjectID, mr.SourceBranch, mr.ProjectID, mr.IID), table.Item{
		"project_id": table.Number(mr.ProjectID),
		"iid":        table.Number(mr.IID),
		"state":      table.String(string(mr.State)),
	})
	name := table.ID(mr.ProjectID) + ":" + table.ID(mr.IID)
	open := mr.State == gitlab.MergeRequestOpened
	if open {
		r.enter(layout.OpenFromKey(mr.SourceProjectID, mr.SourceBranch), "", name, mr.TargetBranch)
		r.indexes[pairKey(PairOf(mr))] = index{attrs: leading(kindMergeRequest, mr.IID), mode: late}
	}
	if open && mr.AllowCollaboration && mr.SourceProjectID != mr.ProjectID {
		r.enter(layout.ProjectKey(mr.SourceProjectID), "collaborations", name, mr.SourceBranch)
	}
	if commit := mr.InProgressMergeCommitSHA; commit != nil && mr.State == gitlab.MergeRequestLocked {
		r.enter(layout.ProjectKey(mr.ProjectID), "merging", name, *commit+" "+mr.TargetBranch)
	}
	return r
}

// enter adds an entry with a text.
func (r *Record) enter(k table.Key, attribute, name, text string) {
	value := table.String(text)
	r.entries = append(r.entries, entry{key: k, attribute: attribute, name: name, value: value})
}
