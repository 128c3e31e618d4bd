package gitlab_test

import (
	"errors"
	"strings"
	"testing"

	"postern/shared/gitlab"
)

func TestParseRepository(t *testing.T) {
	type want = gitlab.Repository
	tests := []struct {
		in   string
		want want // zero: malformed
	}{
		{"project-7", want{Kind: gitlab.ProjectRepository, ID: 7}},
		{"wiki-7", want{Kind: gitlab.WikiRepository, ID: 7}},
		{"snippet-31", want{Kind: gitlab.SnippetRepository, ID: 31}},
		{"design-7", want{Kind: gitlab.DesignRepository, ID: 7}},
		{"group-20-wiki", want{Kind: gitlab.GroupWikiRepository, ID: 20}},
		{"project-7-wiki", want{Kind: gitlab.WikiRepository, ID: 7}},
		{"project-9223372036854775807", want{Kind: gitlab.ProjectRepository, ID: 9223372036854775807}},
		{"", want{}},
		{"project", want{}},
		{"project-", want{}},
		{"project-0", want{}},
		{"project--7", want{}},
		{"project-+7", want{}},
		{"project-7.0", want{}},
		{"project-seven", want{}},
		{"project-9223372036854775808", want{}},
		{"project-7 ", want{}},
		{"Project-7", want{}},
		{"group-20", want{}},
		{"group-wiki-20", want{}},
		{"snippet-31-wiki", want{}},
		{"wiki-7-wiki", want{}},
		{"project-7-design", want{}},
		{"project-7-wiki-1", want{}},
		{"-7", want{}},
		{"repository-7", want{}},
	}
	for _, tt := range tests {
		t.Run(tt.in, func(t *testing.T) {
			got, err := gitlab.ParseRepository(tt.in)
			if got != tt.want || (err != nil) != (tt.want == want{}) {
				t.Fatalf("got %+v, %v", got, err)
			}
			if err != nil && !errors.Is(err, gitlab.ErrMalformed) {
				t.Errorf("error %v", err)
			}
		})
	}
}

func FuzzParseRepository(f *testing.F) {
	for _, seed := range []string{"project-7", "wiki-7", "group-20-wiki", "project-7-wiki", "project-007", "--", "group-wiki-7"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := gitlab.ParseRepository(s)
		if err != nil {
			if r != (gitlab.Repository{}) {
				t.Errorf("%q: %+v beside an error", s, r)
			}
			return
		}
		again, err := gitlab.ParseRepository(r.String())
		if err != nil || again != r || r.ID <= 0 {
			t.Errorf("%q: %+v comes back as %+v, %v", s, r, again, err)
		}
	})
}

func TestCleanPath(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"a full path stays", "acme/app", "acme/app"},
		{"one leading slash goes", "/acme/app", "acme/app"},
		{"only one leading slash goes", "//acme/app", "/acme/app"},
		{"one .git goes", "acme/app.git", "acme/app"},
		{"only one .git goes", "acme/app.git.git", "acme/app.git"},
		{"both go", "/acme/app.git", "acme/app"},
		{"a trailing slash stays", "acme/app.git/", "acme/app.git/"},
		{"other case is no suffix", "acme/app.GIT", "acme/app.GIT"},
		{"a wiki keeps its suffix", "acme/app.wiki.git", "acme/app.wiki"},
		{"nothing", "", ""},
		{"nothing but a slash", "/", ""},
		{"nothing but a suffix", ".git", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := gitlab.CleanPath(tt.in); got != tt.want {
				t.Errorf("%q: %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func FuzzCleanPath(f *testing.F) {
	for _, seed := range []string{"/acme/app.git", "//.git.git", "", "\xff/"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, path string) {
		clean := gitlab.CleanPath(path)
		if !strings.Contains(path, clean) || len(path)-len(clean) > len("/.git") {
			t.Errorf("%q became %q", path, clean)
		}
		if gitlab.CleanPath("/"+clean+".git") != clean {
			t.Errorf("%q does not come back", clean)
		}
	})
}

func TestFoldPath(t *testing.T) {
	if got := gitlab.FoldPath("ACME/Äpp"); got != "acme/äpp" {
		t.Errorf("got %q", got)
	}
}
