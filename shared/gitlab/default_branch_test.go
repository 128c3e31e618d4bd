package gitlab_test

import (
	"testing"

	"postern/shared/gitlab"
)

func TestFirstBranchOfNamespaces(t *testing.T) {
	number := func(n int) *int { return &n }
	levels := func(l ...gitlab.AccessLevel) (list []gitlab.AllowedLevel) {
		for _, level := range l {
			list = append(list, gitlab.AllowedLevel{AccessLevel: level})
		}
		return list
	}
	of := func(push, merge []gitlab.AllowedLevel, force, first bool) *gitlab.BranchDefaults {
		return &gitlab.BranchDefaults{AllowedToPush: push, AllowedToMerge: merge, AllowForcePush: force, DeveloperCanInitialPush: first}
	}
	type instance = gitlab.Instance
	type group = gitlab.Namespace
	in := func(n *int, d *gitlab.BranchDefaults) group {
		return group{Kind: gitlab.GroupNamespace, DefaultBranchProtection: n, DefaultBranchProtectionDefaults: d}
	}
	full := instance{}
	tests := []struct {
		name     string
		instance instance
		parent   group
		want     gitlab.FirstBranch
	}{
		{"none", full, in(number(0), nil), gitlab.FirstBranch{Unprotected: true, DevelopersPushFirst: true}},
		{"partial", full, in(number(1), nil), gitlab.FirstBranch{Push: 30, Merge: 40, DevelopersPushFirst: true}},
		{"full", full, in(number(2), nil), gitlab.FirstBranch{Push: 40, Merge: 40}},
		{"against pushes", full, in(number(3), nil), gitlab.FirstBranch{Push: 40, Merge: 30}},
		{"full after the first push", full, in(number(4), nil), gitlab.FirstBranch{Push: 40, Merge: 40, DevelopersPushFirst: true}},
		{"the instance's", instance{DefaultBranchProtection: number(1)}, in(nil, nil), gitlab.FirstBranch{Push: 30, Merge: 40, DevelopersPushFirst: true}},
		{"a personal namespace has none of its own", full, group{Kind: gitlab.UserNamespace, DefaultBranchProtection: number(0)}, gitlab.FirstBranch{Push: 40, Merge: 40}},
		{"defaults replace the number", full, in(number(0), of(levels(0), levels(40), false, false)), gitlab.FirstBranch{Push: 0, Merge: 40}},
		{"the instance's defaults", instance{DefaultBranchProtectionDefaults: of(levels(30), levels(30), false, false)}, in(nil, nil), gitlab.FirstBranch{Push: 30, Merge: 30, DevelopersPushFirst: true}},
		{"a number outweighs the instance's defaults", instance{DefaultBranchProtectionDefaults: of(levels(0), nil, false, false)}, in(number(2), nil), gitlab.FirstBranch{Push: 40, Merge: 40}},
		{"the lowest entry counts", full, in(nil, of(levels(60, 40), levels(40, 30), true, true)), gitlab.FirstBranch{Push: 40, Merge: 30, ForcePush: true, DevelopersPushFirst: true}},
		{"no entries", full, in(nil, of(nil, nil, false, false)), gitlab.FirstBranch{Push: 60, Merge: 60}},
		{"developers and forced pushes are none", full, in(nil, of(levels(30), levels(30), true, false)), gitlab.FirstBranch{Unprotected: true, Push: 30, Merge: 30, ForcePush: true, DevelopersPushFirst: true}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := gitlab.FirstBranchOf(&tt.instance, &tt.parent); got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

func TestFirstDefaultBranch(t *testing.T) {
	tests := []struct {
		name, head string
		created    []string
		want       string
	}{
		{"HEAD's branch", "trunk", []string{"main", "trunk"}, "trunk"},
		{"main", "trunk", []string{"a", "master", "main"}, "main"},
		{"master", "main", []string{"a", "master"}, "master"},
		{"the first by name", "main", []string{"b", "a"}, "a"},
	}
	for _, tt := range tests {
		if got := gitlab.FirstDefaultBranch(tt.head, tt.created); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}
