package server

import (
	"fmt"
	"strings"
)

// branchCases are Gitaly's calls about branches of project 7.
func branchCases(r *history) []behavior {
	ok := want{status: 200, has: map[string]string{"status": "true", "gl_repository": "project-7"}}
	denied := func(message string) want { return want{status: 401, message: message} }
	web := map[string]any{"protocol": "web"}
	atB := []string{refAt("heads/main", r.B)}
	allAtB := []string{atB[0], refAt("heads/rel-1", r.B), refAt("heads/rel-1x/y", r.B), refAt("heads/dev", r.B)}
	merging := fmt.Sprintf(`{"merge_requests":[{"project_id":7,"iid":4,"source_branch":"feat","target_branch":"main",`+
		`"state":"locked","in_progress_merge_commit_sha":%q}],`+
		`"protected_branches":[{"project_id":7,"name":"main","push_access_levels":[{"access_level":40}],"merge_access_levels":[{"access_level":30}]}]}`, r.B)
	elsewhere := answers(r.pushWith(102, "A B refs/heads/rel-1", web), denied(noProtected)) // the merge is into main only
	return []behavior{
		{number: "60", name: "a developer pushes to a branch", call: r.push(102, "A B refs/heads/feat"), want: ok},
		{number: "61", name: "a developer pushes to a protected branch", call: r.push(102, "A B refs/heads/main"), want: denied(noProtected)},
		{number: "62", name: "a maintainer pushes to a protected branch", call: r.push(101, "A B refs/heads/main"), want: ok},
		{number: "63", name: "a maintainer force-pushes a protected branch", call: r.push(101, "A C refs/heads/main"), want: denied(noForce)},
		{number: "64", name: "a force push that the rule allows", call: r.push(102, "A C refs/heads/dev"), want: ok},
		{number: "65", name: "a force push without a rule", call: r.push(102, "A C refs/heads/feat"), want: ok},
		{number: "66", name: "an administrator deletes the default branch", call: r.pushWith(0, "A Z refs/heads/main", map[string]any{"key_id": nil, "user_id": "1"}), want: denied("The default branch of a project cannot be deleted.")},
		{number: "67", name: "a maintainer deletes a protected branch over SSH", call: r.push(101, "A Z refs/heads/rel-1"), want: denied("You can only delete protected branches using the web interface.")},
		{number: "68", name: "a developer deletes a protected branch", call: r.push(102, "A Z refs/heads/rel-1"), want: denied(noDeletion)},
		{number: "69", name: "a maintainer deletes a protected branch on the web", call: r.pushWith(101, "A Z refs/heads/rel-1", web), want: ok},
		{number: "70", name: "a maintainer pushes to a branch without allowed pushers", call: r.push(101, "A B refs/heads/rel-1"), want: denied(noProtected)},
		{number: "71", name: "a developer creates a protected branch", call: r.push(102, "Z B refs/heads/rel-2"), want: denied("You are not allowed to create protected branches on this project.")},
		{number: "72", name: "a maintainer creates a protected branch over SSH", given: atB, call: r.push(101, "Z B refs/heads/rel-2"), want: denied("You can only create protected branches using the web interface and API.")},
		{number: "72", name: "a new protected branch at an ancestor of protected branches", given: allAtB, call: r.push(101, "Z A refs/heads/rel-2"), want: denied("You can only create protected branches using the web interface and API.")},
		{number: "73", name: "a new protected branch at a commit outside protected branches", given: atB, call: r.push(101, "Z C refs/heads/rel-2"), want: denied("You can only use an existing protected branch ref as the basis of a new protected branch.")},
		{number: "74", name: "one of two refs is protected", call: r.push(102, "A B refs/heads/feat", "A B refs/heads/main"), want: denied(noProtected)},
		{number: "78", name: "a branch name like an object id", call: r.push(102, "Z B refs/heads/"+strings.Repeat("ab", 20)), want: denied("You cannot create a branch with a SHA-1 or SHA-256 branch name.")},
		{number: "84", name: "a merge in progress", given: []string{merging}, call: r.pushWith(102, "A B refs/heads/main", web), want: ok, then: elsewhere},
	}
}
