package pushes

import (
	"context"
	"errors"
	"slices"

	"postern/shared/gitlab"
	"postern/shared/store/layout"
	"postern/shared/store/record"
	"postern/shared/table"
)

// errBusyRepository reports that other writers changed the project or its rules at each attempt.
var errBusyRepository = errors.New("the project is changed by others")

// HeadOf returns the default branch as the storage names it, "" for a repository without branches.
type HeadOf func(context.Context) (string, error)

// SettleRepository records the effects that a push has on its repository as a whole: the repository is not empty, it has a
// default branch, and a new default branch gets its protection rule in the same transaction (git-family 16.1). head is asked only
// for a repository that is stored as empty although the push updates branches; without an answer nothing changes. c is the
// repository as it was read, which spares most pushes the call. Repeats are harmless, and a repository that is not found is no error.
func (s *Pushes) SettleRepository(ctx context.Context, p *gitlab.Push, c *gitlab.Container, head HeadOf) error {
	settle := s.settlements()[p.Repository.Kind]
	if settle == nil || !unsettled(p, c) {
		return nil
	}
	for attempt := 0; ; {
		changes, err := settle(ctx, p, head)
		if err != nil || len(changes) == 0 {
			return err
		}
		if err = s.records.Apply(ctx, changes...); !errors.Is(err, table.ErrConflict) {
			return err
		}
		if err := table.WaitForOthers(ctx, &attempt, errBusyRepository); err != nil {
			return err
		}
	}
}

// unsettled reports whether a push may have effects on its repository as a whole.
func unsettled(p *gitlab.Push, c *gitlab.Container) bool {
	switch {
	case c == nil || len(p.Changes) == 0:
		return false
	case c.Snippet != nil:
		return c.Snippet.EmptyRepo
	case c.Project == nil:
		return false
	case p.Repository.Kind == gitlab.WikiRepository:
		return !c.Project.HasWikiRepository()
	}
	return c.Project.EmptyRepo || slices.Contains(createdBranches(p), c.Project.DefaultBranch)
}

// settlement returns the changes of records that a push brings, none where there is nothing left to do.
type settlement func(context.Context, *gitlab.Push, HeadOf) ([]record.Change, error)

func (s *Pushes) settlements() map[gitlab.RepositoryKind]settlement {
	return map[gitlab.RepositoryKind]settlement{
		gitlab.ProjectRepository: s.settleProject, gitlab.WikiRepository: s.settleWiki, gitlab.SnippetRepository: s.settleSnippet,
	}
}

// settleProject clears the flag of an empty project, sets its default branch and protects it.
func (s *Pushes) settleProject(ctx context.Context, p *gitlab.Push, head HeadOf) ([]record.Change, error) {
	project, stored, err := recorded[record.PlacedProject](ctx, s, layout.ProjectKey(p.Repository.ID))
	if err != nil || project == nil {
		return nil, err
	}
	created := createdBranches(p)
	next := *project
	if project.EmptyRepo && !fill(ctx, p, created, &next.DefaultBranch, &next.HeadDue, head) {
		return nil, nil
	}
	if project.EmptyRepo {
		next.EmptyRepo, next.RepositoryDue = false, false
	}
	var changes []record.Change
	if project.EmptyRepo {
		changes = append(changes, record.Change{Old: stored, New: record.ProjectRecord(&next)})
	}
	if slices.Contains(created, next.DefaultBranch) {
		rule, err := s.ruleOfDefaultBranch(ctx, &next.Project)
		if err != nil {
			return nil, err
		}
		changes = append(changes, rule...)
	}
	return changes, nil
}

// ruleOfDefaultBranch returns the change that protects a new default branch, none where a rule covers it already.
func (s *Pushes) ruleOfDefaultBranch(ctx context.Context, project *gitlab.Project) ([]record.Change, error) {
	settings, c, err := s.lookup.LoadRepository(ctx, gitlab.Repository{Kind: gitlab.ProjectRepository, ID: project.ID})
	if err != nil || c == nil {
		return nil, err
	}
	first := gitlab.FirstBranchOf(&settings.Instance, c.Chain.Parent())
	if first.Unprotected {
		return nil, nil
	}
	own := layout.RulesKey(layout.Partition(&project.ID, nil), 0)
	keys := []table.Key{own}
	for _, ns := range c.Chain.IDs() {
		keys = append(keys, layout.RulesKey(layout.Partition(nil, &ns), 0))
	}
	records, err := s.records.Records(ctx, keys)
	if err != nil {
		return nil, err
	}
	for _, r := range records {
		if rules, ok := r.Value().(*record.Rules); ok && covered(rules, project.DefaultBranch) {
			return nil, nil
		}
	}
	next := record.Rules{ProjectID: &project.ID}
	if r := records[own]; r != nil {
		if rules, ok := r.Value().(*record.Rules); ok {
			next = *rules
		}
	}
	next.Branches = append(slices.Clone(next.Branches), first.Rule(project.ID, project.DefaultBranch))
	return []record.Change{{Old: records[own], New: record.RulesRecord(&next)}}, nil
}

// covered reports whether one of the rules covers a branch.
func covered(rules *record.Rules, branch string) bool {
	return slices.ContainsFunc(rules.Branches, func(r gitlab.ProtectedBranch) bool { return r.Matches(branch) })
}

// fill chooses the default branch of a repository that is stored as empty, and reports false where it stays unknown. Branches
// that the push creates decide; with older branches only the storage knows. HEAD has to follow the former choice.
func fill(ctx context.Context, p *gitlab.Push, created []string, branch, due *string, head HeadOf) bool {
	switch {
	case updatesBranches(p):
		name, err := head(ctx)
		if err != nil || name == "" {
			return false
		}
		*branch = name
	case len(created) == 0:
		return false
	default:
		*branch = gitlab.FirstDefaultBranch(*branch, created)
		*due = *branch
	}
	return true
}

// settleWiki records that the storage has the repository of a wiki.
func (s *Pushes) settleWiki(ctx context.Context, p *gitlab.Push, _ HeadOf) ([]record.Change, error) {
	project, stored, err := recorded[record.PlacedProject](ctx, s, layout.ProjectKey(p.Repository.ID))
	if err != nil || project == nil || project.HasWikiRepository() {
		return nil, err
	}
	next := *project
	next.WikiRepositoryExists, next.WikiMade = nil, true
	return []record.Change{{Old: stored, New: record.ProjectRecord(&next)}}, nil
}

// settleSnippet clears the flag of an empty snippet and sets its default branch.
func (s *Pushes) settleSnippet(ctx context.Context, p *gitlab.Push, head HeadOf) ([]record.Change, error) {
	snippet, stored, err := recorded[gitlab.Snippet](ctx, s, layout.SnippetKey(p.Repository.ID))
	if err != nil || snippet == nil || !snippet.EmptyRepo {
		return nil, err
	}
	next := *snippet
	if !fill(ctx, p, createdBranches(p), &next.DefaultBranch, &next.HeadDue, head) {
		return nil, nil
	}
	next.EmptyRepo, next.Filled = false, true
	return []record.Change{{Old: stored, New: record.SnippetRecord(&next)}}, nil
}

// recorded reads one record with its value; nil where it is not found or is being removed.
func recorded[T any](ctx context.Context, s *Pushes, k table.Key) (*T, *record.Record, error) {
	records, err := s.records.Records(ctx, []table.Key{k})
	if err != nil {
		return nil, nil, err
	}
	stored := records[k]
	if stored == nil || stored.Removing() {
		return nil, nil, nil
	}
	value, _ := stored.Value().(*T)
	return value, stored, nil
}

// createdBranches returns the names of the branches that a push creates.
func createdBranches(p *gitlab.Push) []string {
	var created []string
	for i := range p.Changes {
		if name, ok := p.Changes[i].Branch(); ok && p.Changes[i].Creates() {
			created = append(created, name)
		}
	}
	return created
}

// updatesBranches reports whether a push proves that its repository had branches before.
func updatesBranches(p *gitlab.Push) bool {
	return slices.ContainsFunc(p.Changes, func(c gitlab.Change) bool {
		_, branch := c.Branch()
		return branch && !gitlab.Blank(c.Old)
	})
}

// HeadSet records that HEAD of a repository points to its default branch.
func (s *Pushes) HeadSet(ctx context.Context, r gitlab.Repository, branch string) error {
	k := layout.ProjectKey(r.ID)
	if r.Kind == gitlab.SnippetRepository {
		k = layout.SnippetKey(r.ID)
	}
	_, err := s.db.WriteIf(ctx, table.Write{
		Verb: table.Update, Key: k,
		Update: "REMOVE head_due", If: "head_due = :branch", Values: table.Item{":branch": table.String(branch)},
	})
	return err
}
