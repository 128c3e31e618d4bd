package store

import (
	"unicode/utf8"

	"postern/shared/gitlab"
	"postern/shared/table"
)

// RefRecord is where a branch or tag points to. A name that is not UTF-8 has its bytes in the key only: attributes are texts.
func RefRecord(ref *gitlab.Ref) *Record {
	r := newRecord(refKey(ref.ProjectID, ref.Name), ref)
	r.attrs["ref"] = table.String(plainRef(ref.Name))
	r.refer(projectKey(ref.ProjectID))
	return r
}

// plainRef is the name of a ref as a text.
func plainRef(name string) string {
	if !utf8.ValidString(name) {
		return escapeRef(name)
	}
	return name
}

// storedRef builds the record of a ref's item. One that was gone runs out, unless a document brings it back.
func storedRef(item Item) (*Record, error) {
	ref, err := refAt(item)
	if err != nil {
		return nil, err
	}
	r := RefRecord(ref)
	if expires, ok := item["expires"]; ok {
		r.attrs["expires"] = expires
	}
	return r, nil
}

// refAt decodes the item of a ref.
func refAt(item Item) (*gitlab.Ref, error) {
	ref := new(gitlab.Ref)
	if err := decode(item, ref); err != nil {
		return nil, err
	}
	ref.Name = unescapeRef(afterHash(text(item, "sk")))
	return ref, nil
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

// MergeRequestRecord is a merge request, listed with its source branch. While it is open it is also noted with that branch,
// for the link that a push prints, and in the source project if it lets those who may push to the target push to the
// branch, too. While it is being merged, the target project notes the commit that this makes.
func MergeRequestRecord(mr *gitlab.MergeRequest) *Record {
	r := newRecord(mergeRequestKey(mr.ProjectID, mr.IID), mr)
	r.refer(projectKey(mr.ProjectID))
	r.refer(projectKey(mr.SourceProjectID))
	r.own(mergeRequestSourceKey(mr.SourceProjectID, mr.SourceBranch, mr.ProjectID, mr.IID), Item{
		"project_id": number(mr.ProjectID),
		"iid":        number(mr.IID),
		"state":      table.String(string(mr.State)),
	})
	name := num(mr.ProjectID) + ":" + num(mr.IID)
	open := mr.State == gitlab.MergeRequestOpened
	if open {
		r.enter(openFromKey(mr.SourceProjectID, mr.SourceBranch), "", name, mr.TargetBranch)
	}
	if open && mr.AllowCollaboration && mr.SourceProjectID != mr.ProjectID {
		r.enter(projectKey(mr.SourceProjectID), "collaborations", name, mr.SourceBranch)
	}
	if commit := mr.InProgressMergeCommitSHA; commit != nil && mr.State == gitlab.MergeRequestLocked {
		r.enter(projectKey(mr.ProjectID), "merging", name, *commit+" "+mr.TargetBranch)
	}
	return r
}

// enter adds an entry with a text.
func (r *Record) enter(k Key, attribute, name, text string) {
	value := table.String(text)
	r.entries = append(r.entries, entry{key: k, attribute: attribute, name: name, value: value})
}
