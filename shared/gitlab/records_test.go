package gitlab_test

import (
	"testing"
	"time"

	"postern/shared/gitlab"
)

var now = time.Date(2026, 5, 4, 23, 30, 0, 0, time.FixedZone("", -2*3600))

func at(d time.Duration) *time.Time {
	t := now.Add(d)
	return &t
}

func TestMembershipLevels(t *testing.T) {
	tests := []struct {
		name   string
		member gitlab.Member
		want   gitlab.AccessLevel
	}{
		{"without end", gitlab.Member{AccessLevel: gitlab.Developer}, gitlab.Developer},
		{"before its end", gitlab.Member{AccessLevel: gitlab.Owner, ExpiresAt: at(time.Second)}, gitlab.Owner},
		{"at its end", gitlab.Member{AccessLevel: gitlab.Owner, ExpiresAt: at(0)}, gitlab.NoAccess},
		{"awaiting", gitlab.Member{AccessLevel: gitlab.Owner, Awaiting: true}, gitlab.NoAccess},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.member.Level(now); got != tt.want {
				t.Errorf("level %d, want %d", got, tt.want)
			}
		})
	}
}

func TestKeys(t *testing.T) {
	tests := []struct {
		name                   string
		key                    gitlab.Key
		authenticates, expired bool
	}{
		{"for both, without end", gitlab.Key{UsageType: gitlab.UsageAuthAndSigning}, true, false},
		{"for logging in", gitlab.Key{UsageType: gitlab.UsageAuth}, true, false},
		{"for signing", gitlab.Key{UsageType: gitlab.UsageSigning}, false, false},
		{"a deploy key has no usage", gitlab.Key{Type: gitlab.DeployKey}, true, false},
		{"before its end", gitlab.Key{ExpiresAt: at(time.Second)}, true, false},
		{"at its end", gitlab.Key{ExpiresAt: at(0)}, true, true},
		{"after its end", gitlab.Key{ExpiresAt: at(-time.Second)}, true, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.key.Authenticates() != tt.authenticates || tt.key.Expired(now) != tt.expired {
				t.Errorf("authenticates %t, expired %t", tt.key.Authenticates(), tt.key.Expired(now))
			}
		})
	}
}

func TestActiveUsers(t *testing.T) {
	for state, want := range map[gitlab.UserState]bool{
		gitlab.UserActive: true, gitlab.UserBlocked: false, gitlab.UserPendingApproval: false,
		gitlab.UserBanned: false, gitlab.UserDeactivated: false, "": false,
	} {
		if u := (gitlab.User{State: state}); u.Active() != want {
			t.Errorf("%q: active %t", state, u.Active())
		}
	}
}

func TestDatesAreThoseOfUTC(t *testing.T) {
	if got := gitlab.DateOf(now); got != "2026-05-05" {
		t.Errorf("got %s", got)
	}
}

func TestTokenDigest(t *testing.T) {
	const want = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
	if got := gitlab.TokenDigest("test"); got != want {
		t.Errorf("got %s", got)
	}
}

func TestEditions(t *testing.T) {
	for edition, want := range map[gitlab.Edition]bool{
		gitlab.EnterpriseEdition: true, gitlab.CommunityEdition: false, "": false,
	} {
		if got := (gitlab.Instance{Edition: edition}).Licensed(); got != want {
			t.Errorf("%q: licensed %t", edition, got)
		}
	}
}

// The settings of a new instance are the defaults of a document's fields.
func TestDefaultInstance(t *testing.T) {
	i := gitlab.DefaultInstance()
	if i.URL != "http://localhost:3000" || i.SSHAddress() != "localhost" || i.SSHPort != 22 || !i.Licensed() {
		t.Errorf("got %+v", i)
	}
	if i.GitLabShellOperationLimit != 600 || i.LFSTokenTTL != 1800 || i.DefaultStorage != "default" {
		t.Errorf("got %+v", i)
	}
	if len(i.GitConfigOptions) != 2 || i.PersonalAccessTokenPrefix != "glpat-" || i.TermsVersion != nil {
		t.Errorf("got %+v", i)
	}
}
