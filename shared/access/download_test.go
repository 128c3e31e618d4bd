package access

import (
	"testing"

	"postern/shared/gitlab"
)

func TestWhoDownloadsCode(t *testing.T) {
	private, disabled := repositoryFeature(gitlab.FeaturePrivate), repositoryFeature(gitlab.FeatureDisabled)
	public, internal := visibility(gitlab.Public), visibility(gitlab.Internal)
	decide(t, []row{
		{"private, guest", given(level(gitlab.Guest)), 401, textDownloadProject},
		{"private, planner", given(level(gitlab.Planner)), 401, textDownloadProject},
		{"private, reporter", given(level(gitlab.Reporter)), 200, ""},
		{"private, guest, archive", given(level(gitlab.Guest), action(UploadArchive)), 401, textDownloadProject},
		{"private, linked deploy key", given(deployKey(readLink)), 200, ""},
		{"archived, developer", given(project(archived)), 200, ""},
		{"public, nobody", given(public, nobody), 200, ""},
		{"public, guest", given(public, level(gitlab.Guest)), 200, ""},
		{"internal, stranger", given(internal, stranger), 200, ""},
		{"no setting is enabled", given(public, nobody, repositoryFeature("")), 200, ""},
		{"public, repository for members, nobody", given(public, private, nobody), 401, textDownloadProject},
		{"public, repository for members, guest", given(public, private, level(gitlab.Guest)), 401, textDownloadProject},
		{"public, repository for members, reporter", given(public, private, level(gitlab.Reporter)), 200, ""},
		{"public, repository for members, administrator", given(public, private, admin), 200, ""},
		{"public, repository for members, linked deploy key", given(public, private, deployKey(readLink)), 200, ""},
		{"public, repository for members, other deploy key", given(
			public, private, deployKey(unlinked),
		), 401, textDownloadProject},
		{"repository disabled, nobody", given(public, disabled, nobody), 401, textDownloadProject},
		{"repository disabled, owner", given(disabled, level(gitlab.Owner)), 401, textDownloadProject},
		{"repository disabled, administrator", given(disabled, admin), 401, textDownloadProject},
		{"repository disabled, linked deploy key", given(disabled, deployKey(readLink)), 401, textDownloadProject},
	})
}

func wikiFeature(l gitlab.FeatureLevel) with {
	return project(func(p *gitlab.Project) { p.WikiAccessLevel = l })
}

func TestWhoReadsAWiki(t *testing.T) {
	private, disabled := wikiFeature(gitlab.FeaturePrivate), wikiFeature(gitlab.FeatureDisabled)
	public := visibility(gitlab.Public)
	decide(t, []row{
		{"private project, guest", given(wiki, level(gitlab.Guest)), 200, ""},
		{"private project, stranger", given(wiki, stranger), 404, textNoWiki},
		{"private project, linked deploy key", given(wiki, deployKey(readLink)), 200, ""},
		{"private project, other deploy key", given(wiki, deployKey(unlinked)), 404, textNoWiki},
		{"public project, nobody", given(wiki, public, nobody), 200, ""},
		{"repository disabled, guest", given(wiki, repositoryFeature(gitlab.FeatureDisabled)), 200, ""},
		{"for members, nobody", given(wiki, public, private, nobody), 401, textDownloadWiki},
		{"for members, stranger", given(wiki, public, private, stranger), 401, textDownloadWiki},
		{"for members, guest", given(wiki, public, private, level(gitlab.Guest)), 200, ""},
		{"for members, administrator", given(wiki, public, private, admin), 200, ""},
		{"for members, linked deploy key", given(wiki, public, private, deployKey(readLink)), 200, ""},
		{"for members, other deploy key", given(wiki, public, private, deployKey(unlinked)), 401, textDownloadWiki},
		{"disabled, owner", given(wiki, disabled, level(gitlab.Owner)), 401, textDownloadWiki},
		{"disabled, administrator", given(wiki, disabled, admin), 401, textDownloadWiki},
	})
}

func TestGroupWikis(t *testing.T) {
	seen := func(v gitlab.Visibility) with { return root(func(n *gitlab.Namespace) { n.Visibility = v }) }
	decide(t, []row{
		{"private group, guest", given(groupWiki, level(gitlab.Guest)), 200, ""},
		{"private group, stranger", given(groupWiki, stranger), 404, textNoWiki},
		{"private group, nobody", given(groupWiki, nobody), 404, textNoWiki},
		{"private group, deploy key", given(groupWiki, deployKey(unlinked)), 404, textNoWiki},
		{"internal group, stranger", given(groupWiki, seen(gitlab.Internal), stranger), 200, ""},
		{"internal group, external stranger", given(
			groupWiki, seen(gitlab.Internal), stranger, external,
		), 404, textNoWiki},
		{"internal group, nobody", given(groupWiki, seen(gitlab.Internal), nobody), 404, textNoWiki},
		{"public group, nobody", given(groupWiki, seen(gitlab.Public), nobody), 200, ""},
		{"no license, no group wikis", given(groupWiki, community), 404, textNoWiki},
		{"push, developer", given(groupWiki, push), 200, ""},
		{"push, reporter", given(groupWiki, push, level(gitlab.Reporter)), 401, textWriteGroupWiki},
		{"push, nobody", given(groupWiki, seen(gitlab.Public), push, nobody), 401, textUpload},
		{"push, deploy key", given(
			groupWiki, seen(gitlab.Public), push, deployKey(unlinked),
		), 401, textDeployKeyWrite},
		{"push of real changes, developer", given(groupWiki, push, changes(realChanges)), 200, ""},
	})
}
