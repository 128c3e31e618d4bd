package directory

import (
	"fmt"

	"postern/shared/gitlab"
	"postern/shared/store/record"
)

// members are identified by the user and the place, of which they have one: a project or a namespace.
func members() kind {
	return &records[gitlab.Member]{
		array:    "members",
		identity: []string{"user_id", "project_id", "namespace_id"},
		either:   true,
		record:   record.MemberRecord,
	}
}

// placeIn names an entry of a list in a record.
func placeIn(place, list string, i int) string { return fmt.Sprintf("%s.%s[%d]", place, list, i) }
