package record

import (
	"crypto/sha256"
	"encoding/hex"

	"postern/shared/gitlab"
	"postern/shared/table"
)

// MergeRequestPair is the source and the target of merge requests. At most one open merge request has a pair (internal API,
// post_receive).
type MergeRequestPair struct {
	Source, Target             gitlab.ID // projects
	SourceBranch, TargetBranch string
}

// PairOf returns the pair of a merge request.
func PairOf(mr *gitlab.MergeRequest) MergeRequestPair {
	return MergeRequestPair{
		Source: mr.SourceProjectID, Target: mr.ProjectID, SourceBranch: mr.SourceBranch, TargetBranch: mr.TargetBranch,
	}
}

// Digest identifies the pair among those with its target project, whatever the length of its names. No branch name has a
// zero byte.
func (p MergeRequestPair) Digest() string {
	sum := sha256.Sum256([]byte(table.ID(p.Source) + "\x00" + p.SourceBranch + "\x00" + p.TargetBranch))
	return hex.EncodeToString(sum[:])
}

// pairKey leads to the open merge request of a pair of branches.
func pairKey(p MergeRequestPair) table.Key {
	return table.Key{PK: "mrpair#" + table.ID(p.Target), SK: p.Digest()}
}
