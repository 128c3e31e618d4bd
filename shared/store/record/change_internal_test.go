package record

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"postern/shared/gitlab"
)

func id(n gitlab.ID) *gitlab.ID { return &n }

// read makes a record one that was read at a version.
func read(r *Record, version int64) *Record {
	r.version = version
	return r
}

// shown lists operations as "verb key condition attributes", one a line.
func shown(ops []operation) string {
	verbs := map[verb]string{check: "check", put: "put", update: "update", remove: "remove"}
	conditions := map[condition]string{
		always: "always", absent: "absent", present: "present", versionIs: "version", heldBy: "held",
	}
	lines := make([]string, len(ops))
	for i, op := range ops {
		parts := []string{verbs[op.verb], op.key.String(), conditions[op.cond]}
		if op.verb == update && op.entry == nil {
			parts = append(parts, slices.Sorted(maps.Keys(op.item))...)
			for _, name := range op.drop {
				parts = append(parts, "-"+name)
			}
		}
		if op.entry != nil {
			parts = append(parts, op.entry.attribute+"."+op.entry.name)
		}
		if op.mode == hint {
			parts = append(parts, "hint")
		}
		lines[i] = strings.Join(parts, " ")
	}
	return strings.Join(lines, "\n")
}

func expect(t *testing.T, got []operation, want string) {
	t.Helper()
	var lines []string
	for line := range strings.Lines(want) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	if text := shown(got); text != strings.Join(lines, "\n") {
		t.Errorf("got\n%s\nwant\n%s", text, strings.Join(lines, "\n"))
	}
}

func ann() *gitlab.User {
	return &gitlab.User{ID: 1, Username: "ann", Name: "Ann", Email: "ann@example.com", State: gitlab.UserActive}
}

// with returns a copy of a value with a change.
func with[T any](value *T, change func(*T)) *T {
	copied := *value
	change(&copied)
	return &copied
}

func TestOperationsOfAChange(t *testing.T) {
	user := func(change func(*gitlab.User)) *Record { return UserRecord(with(ann(), change)) }
	same := func(*gitlab.User) {}
	project := &PlacedProject{
		Project: gitlab.Project{ID: 7, NamespaceID: 20, Path: "app"},
		Place:   Place{Chain: []gitlab.ID{20}, Paths: []string{"acme/app"}},
	}
	fork := &gitlab.MergeRequest{
		ProjectID: 7, IID: 1, SourceProjectID: 8, SourceBranch: "x", TargetBranch: "main",
		State: gitlab.MergeRequestOpened, AllowCollaboration: true,
	}
	tests := []struct {
		name   string
		change Change
		want   string
	}{
		{"nothing", Change{}, ``},
		{"a new user", Change{New: user(same)}, `
			put user#1/user absent
			put catalog#user#1/1 always
			put email#ann@example.com/email absent
			put username#ann/username absent`},
		{"a user that stays as it is", Change{Old: read(user(same), 3), New: user(same)}, ``},
		{"only what differs is written", Change{Old: read(user(same), 3), New: user(func(u *gitlab.User) { u.Name, u.Admin = "A", true })}, `
			update user#1/user version admin name`},
		{"what is no longer set is removed", Change{Old: read(user(func(u *gitlab.User) { u.Admin = true }), 3), New: user(same)}, `
			update user#1/user version -admin`},
		{"a new username", Change{Old: read(user(same), 3), New: user(func(u *gitlab.User) { u.Username = "Bea" })}, `
			update user#1/user version username
			remove username#ann/username held
			put username#bea/username absent`},
		{"only the case of a username", Change{Old: read(user(same), 3), New: user(func(u *gitlab.User) { u.Username = "ANN" })}, `
			update user#1/user version username`},
		{"a group that is newly named is checked", Change{
			Old: read(user(same), 3), New: user(func(u *gitlab.User) { u.EnterpriseGroupID = id(20) }),
		}, `
			update user#1/user version enterprise_group_id
			put ns#20/back#user#1 always
			check ns#20/namespace present`},
		{"a removed user", Change{Old: read(user(same), 3)}, `
			remove user#1/user version
			remove catalog#user#1/1 always
			remove email#ann@example.com/email held
			remove username#ann/username held`},
		{"the ghost user", Change{Old: read(user(same), 3), New: user(func(u *gitlab.User) { u.UserType = gitlab.UserGhost })}, `
			update user#1/user version user_type
			put ghost/ghost absent`},
		{"a user whose removal had begun", Change{Old: func() *Record {
			r := read(user(same), 3)
			r.removing = true
			return r
		}(), New: user(same)}, `update user#1/user version -removing`},
		{"a new project", Change{New: ProjectRecord(project)}, `
			put project#7/project absent
			put catalog#project#7/7 always
			put ns#20/child#app absent
			put path#acme/app/path always hint
			check ns#20/namespace present`},
		{"a project that has moved", Change{
			Old: read(ProjectRecord(project), 1),
			New: ProjectRecord(with(project, func(p *PlacedProject) {
				p.NamespaceID, p.Place = 21, p.Moved([]gitlab.ID{21}, "beta/app")
			})),
		}, `
			update project#7/project version chain namespace_id paths
			remove ns#20/child#app held
			put ns#21/child#app absent
			put path#acme/app/path always hint
			put path#beta/app/path always hint
			check ns#21/namespace present`},
		{"a removed project", Change{Old: read(ProjectRecord(project), 1)}, `
			remove project#7/project version
			remove catalog#project#7/7 always
			remove ns#20/child#app held
			remove path#acme/app/path held hint`},
		{"a merge request that lets others push", Change{New: MergeRequestRecord(fork)}, `
			put project#7/mr#1 absent
			put mrpair#7/f55f76413064a4891b355196b6b8788ca6f6524f01732c747958e30e9ed93cd0 absent
			put project#8/mrsource#x#7#1 always
			update project#8/mropen#x always .7:1
			update project#8/project present collaborations.7:1
			check project#7/project present
			check project#8/project present`},
		{"one that is merged", Change{
			Old: read(MergeRequestRecord(fork), 1),
			New: MergeRequestRecord(with(fork, func(mr *gitlab.MergeRequest) { mr.State = gitlab.MergeRequestMerged })),
		}, `
			update project#7/mr#1 version state
			remove mrpair#7/f55f76413064a4891b355196b6b8788ca6f6524f01732c747958e30e9ed93cd0 held
			put project#8/mrsource#x#7#1 always
			update project#8/mropen#x present .7:1 hint
			update project#8/project present collaborations.7:1 hint`},
		{"while another record stays as it is", Change{
			Old: read(user(same), 3), New: user(func(u *gitlab.User) { u.Name = "A" }),
			While: []*Record{read(UserRecord(&gitlab.User{ID: 9}), 4)},
		}, `
			update user#1/user version name
			check user#9/user version`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			expect(t, test.change.operations(), test.want)
			if test.change.Empty() != (strings.TrimSpace(test.want) == "") {
				t.Errorf("empty: %v", test.change.Empty())
			}
		})
	}
}

func TestMergedOperations(t *testing.T) {
	bea := with(ann(), func(u *gitlab.User) { u.ID, u.Username, u.Email = 2, "bea", "bea@example.com" })
	renamed := func(u *gitlab.User, name string) Change {
		return Change{Old: read(UserRecord(u), 1), New: UserRecord(with(u, func(u *gitlab.User) { u.Username = name }))}
	}
	key := &gitlab.Key{ID: 11, UserID: id(1), Fingerprint: "fp"}
	tests := []struct {
		name    string
		changes []Change
		want    string // "" when they cannot be written together
	}{
		{"a name is handed over with one write", []Change{renamed(ann(), "carl"), renamed(bea, "ann")}, `
			update user#1/user version username
			put username#ann/username held
			put username#carl/username absent
			update user#2/user version username
			remove username#bea/username held`},
		{"whatever the order", []Change{renamed(bea, "ann"), renamed(ann(), "carl")}, `
			update user#2/user version username
			put username#ann/username held
			remove username#bea/username held
			update user#1/user version username
			put username#carl/username absent`},
		{"names are swapped", []Change{renamed(ann(), "bea"), renamed(bea, "ann")}, `
			update user#1/user version username
			put username#ann/username held
			put username#bea/username held
			update user#2/user version username`},
		{"what is written in the same transaction is not checked", []Change{{New: UserRecord(ann())}, {New: KeyRecord(key)}}, `
			put user#1/user absent
			put catalog#user#1/1 always
			put email#ann@example.com/email absent
			put username#ann/username absent
			put key#11/key absent
			put catalog#key#11/11 always
			put fingerprint#fp/fingerprint absent
			put user#1/back#key#11 always`},
		{"one record twice", []Change{renamed(ann(), "x"), renamed(ann(), "y")}, ``},
		{"one name for two", []Change{renamed(ann(), "x"), renamed(bea, "x")}, ``},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			ops, err := merged(test.changes)
			if (err != nil) != (test.want == "") {
				t.Fatalf("got error %v", err)
			}
			expect(t, ops, test.want)
		})
	}
}
