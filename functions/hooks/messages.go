package hooks

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"postern/shared/gitlab"
	"postern/shared/store/pushes"
)

func alert(text string) pushes.PushMessage { return pushes.PushMessage{Text: text, Type: "alert"} }
func basic(text string) pushes.PushMessage { return pushes.PushMessage{Text: text, Type: "basic"} }

// messages are what git prints, in this order: the banner, what is wrong with the options, links to merge requests, what was
// kept for the pusher (internal API, post_receive).
func (p *push) messages(problems []string, created map[string]gitlab.ID, now time.Time) []pushes.PushMessage {
	var all []pushes.PushMessage
	if banner := p.banner(now); banner != "" {
		all = append(all, alert(banner))
	}
	if len(problems) > 0 {
		options := gitlab.CutText(strings.Join(p.given, "' '"), gitlab.MaxMessage)
		all = append(all, alert("WARNINGS:\nError encountered with push options '"+options+"': "+strings.Join(problems, "\n\n")))
	}
	all = append(all, p.links(created)...)
	for _, kind := range []pushes.MessageKind{pushes.MovedMessage, pushes.CreatedMessage} {
		if text, kept := p.found.Messages[kind]; kept {
			all = append(all, basic(text))
		}
	}
	return boundMessages(all)
}

// boundMessages cuts long messages and omits the last ones beyond the bound of all, since the outbox keeps the reply.
func boundMessages(all []pushes.PushMessage) []pushes.PushMessage {
	left := gitlab.MaxMessageBytes
	for i := range all {
		all[i].Text = gitlab.CutText(strings.ToValidUTF8(all[i].Text, "\uFFFD"), 2*gitlab.MaxMessage)
		if left -= len(all[i].Text); left < 0 {
			return all[:i]
		}
	}
	return all
}

// banner returns the message of the instance that counts: the last one for this project's path, or else the last one for
// everybody.
func (p *push) banner(now time.Time) string {
	path := ""
	if p.found.Container.Project != nil {
		path = p.found.Container.Chain.FullPath(p.found.Container.Project.Path)
	}
	own, general := "", ""
	for i := range p.found.Broadcasts {
		b := &p.found.Broadcasts[i]
		switch {
		case !p.shows(b, now):
		// Later ones win, as messages are kept in the order in which they were written.
		case b.TargetPath == "":
			general = b.Message
		case path != "" && coversPath(b.TargetPath, path):
			own = b.Message
		}
	}
	if own != "" {
		return own
	}
	return general
}

// shows reports whether a message is one for terminals now, and for this user.
func (p *push) shows(b *gitlab.Broadcast, now time.Time) bool {
	if !b.ShowInCLI || b.Type == "notification" || now.Before(b.StartsAt) || !now.Before(b.EndsAt) {
		return false
	}
	return len(b.TargetAccessLevels) == 0 || slices.Contains(b.TargetAccessLevels, p.level(now))
}

// coversPath reports whether a pattern covers a path, without regard to case.
func coversPath(pattern, path string) bool {
	pattern = strings.TrimPrefix(gitlab.FoldPath(pattern), "/")
	return gitlab.MatchesPattern(pattern, gitlab.FoldPath(path))
}

// links lead to the merge requests of the changed branches, or to where one is made.
func (p *push) links(created map[string]gitlab.ID) []pushes.PushMessage {
	project := p.found.Container.Project
	// An empty repository gets its default branch with this very push, and a branch cannot be merged into itself.
	if p.repository.Kind != gitlab.ProjectRepository || !project.PrintingMergeRequestLinkEnabled ||
		project.MergeRequestsAccessLevel == gitlab.FeatureDisabled || project.EmptyRepo {
		return nil
	}
	var all []pushes.PushMessage
	own := p.found.Container.FullPath()
	branches := p.sideBranches()
	for _, branch := range branches[:min(len(branches), mostLinks)] {
		if iid, isNew := created[branch]; isNew {
			all = append(all, p.view(branch, p.found.Target.FullPath(), iid))
		} else if open, isOpen := p.found.Open[branch]; isOpen {
			all = append(all, p.view(branch, open.Path, open.IID))
		} else {
			all = append(all, basic("To create a merge request for "+branch+", visit:\n  "+p.found.Settings.WebURL(own)+
				"/-/merge_requests/new?merge_request%5Bsource_branch%5D="+url.QueryEscape(branch)))
		}
	}
	return all
}

// view links to a merge request.
func (p *push) view(branch, path string, iid gitlab.ID) pushes.PushMessage {
	return basic("View merge request for " + branch + ":\n  " + p.found.Settings.WebURL(path) + "/-/merge_requests/" +
		strconv.FormatInt(iid, 10))
}
