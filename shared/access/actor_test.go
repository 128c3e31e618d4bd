package access

import (
	"slices"
	"testing"
	"time"

	"postern/shared/gitlab"
)

func state(s gitlab.UserState) with { return user(func(u *gitlab.User) { u.State = s }) }

func TestWhyAUserMayNotUseGit(t *testing.T) {
	terms := instance(func(i *gitlab.Instance) { i.TermsVersion = ptr[int64](3) })
	accepted := func(v int64) with {
		return user(func(u *gitlab.User) { u.TermsAcceptedVersion = &v })
	}
	unconfirmed := user(func(u *gitlab.User) { u.ConfirmedAt = nil })
	password := func(d time.Duration) with {
		return user(func(u *gitlab.User) { u.PasswordExpiresAt = at(d) })
	}
	const mustAccept = "You (@dan) must accept the Terms of Service in order to perform this action. " +
		"To accept these terms, please access GitLab from a web browser at https://gitlab.example.com."
	const reactivate = "Your account has been deactivated by your administrator. " +
		"Please log back in from a web browser to reactivate your account at https://gitlab.example.com"
	const confirm = "Your primary email address is not confirmed. Please check your inbox for the confirmation " +
		"instructions. In case the link is expired, you can request a new confirmation email at " +
		"https://gitlab.example.com/users/confirmation/new"
	slash := instance(func(i *gitlab.Instance) { i.URL += "/" })
	decide(t, []row{
		{"pending approval", given(state(gitlab.UserPendingApproval)), 401, textPendingApproval},
		{"terms never accepted", given(terms), 401, mustAccept},
		{"terms accepted in an old version", given(terms, accepted(2)), 401, mustAccept},
		{"terms accepted", given(terms, accepted(3)), 200, ""},
		{"no terms to accept", given(accepted(2)), 200, ""},
		{"deactivated", given(state(gitlab.UserDeactivated)), 401, reactivate},
		{"deactivated, address with a slash", given(state(gitlab.UserDeactivated), slash), 401, reactivate},
		{"unconfirmed", given(unconfirmed), 401, confirm},
		{"blocked", given(state(gitlab.UserBlocked)), 401, textBlocked},
		{"banned", given(state(gitlab.UserBanned)), 401, textBlocked},
		{"any other state", given(state("frozen")), 401, textBlocked},
		{"password expired", given(password(0)), 401, textPasswordExpired},
		{"password not yet expired", given(password(time.Second)), 200, ""},

		{"pending wins over terms", given(terms, state(gitlab.UserPendingApproval)), 401, textPendingApproval},
		{"terms win over deactivated", given(terms, state(gitlab.UserDeactivated)), 401, mustAccept},
		{"deactivated wins over unconfirmed", given(unconfirmed, state(gitlab.UserDeactivated)), 401, reactivate},
		{"unconfirmed wins over blocked", given(unconfirmed, state(gitlab.UserBlocked)), 401, confirm},
		{"blocked wins over password", given(password(0), state(gitlab.UserBlocked)), 401, textBlocked},

		{"pushes are refused alike", given(push, state(gitlab.UserBlocked)), 401, textBlocked},
		{"without a key alike", given(byUser, state(gitlab.UserBlocked)), 401, textBlocked},
		{"a deploy key acts without its creator", given(deployKey(readLink), state(gitlab.UserBlocked)), 200, ""},
		{"nobody has no account", given(nobody, terms, visibility(gitlab.Public)), 200, ""},
		{"bots accept no terms", given(terms, userType("project_bot")), 200, ""},
	})
}

func userType(t gitlab.UserType) with { return user(func(u *gitlab.User) { u.UserType = t }) }

func TestUserTypes(t *testing.T) {
	for _, name := range []gitlab.UserType{
		"human", "project_bot", "service_user", "service_account", "placeholder", "migration_bot",
		"security_bot", "security_policy_bot",
	} {
		decide(t, []row{{string(name) + " may use git", given(userType(name)), 200, ""}})
	}
	for _, name := range []gitlab.UserType{"ghost", "alert_bot", "support_bot", "visual_review_bot", ""} {
		decide(t, []row{{string(name) + " is internal", given(userType(name)), 401, textInternalUser}})
	}
	decide(t, []row{{
		"internal wins over blocked", given(userType("ghost"), state(gitlab.UserBlocked)), 401, textInternalUser,
	}})
}

func TestKeys(t *testing.T) {
	expires := func(d time.Duration) with { return key(func(k *gitlab.Key) { k.ExpiresAt = at(d) }) }
	decide(t, []row{
		{"expired", given(expires(-time.Second)), 401, textKeyExpired},
		{"expires right now", given(expires(0)), 401, textKeyExpired},
		{"an expired deploy key", given(deployKey(readLink), expires(-time.Second)), 401, textKeyExpired},
		{"expired wins over blocked", given(expires(0), state(gitlab.UserBlocked)), 401, textKeyExpired},
		{"without owner, private project", given(ownerlessKey), 404, textNoProject},
		{"without owner, public project", given(ownerlessKey, visibility(gitlab.Public)), 200, ""},
		{"without owner, push", given(ownerlessKey, visibility(gitlab.Public), push), 401, textUpload},
	})
}

func TestKeysThatExpireSoonAreTold(t *testing.T) {
	day := 24 * time.Hour
	tests := []struct {
		name  string
		in    time.Duration
		given []with
		want  []string
	}{
		{"in two days: told", 2 * day, nil, []string{textKeyExpiresSoon}},
		{"in seven days: told", 7 * day, nil, []string{textKeyExpiresSoon}},
		{"later: not told", 7*day + time.Second, nil, nil},
		{"a deploy key: told", day, given(deployKey(readLink)), []string{textKeyExpiresSoon}},
		{"a push: told", day, given(push), []string{textKeyExpiresSoon}},
		{"refused: not told", day, given(stranger), nil},
		{"expired: not told", -day, nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := ask(tt.given...)
			r.Actor.Key.ExpiresAt = at(tt.in)
			if got := Check(r).Console; !slices.Equal(got, tt.want) {
				t.Errorf("console %q, want %q", got, tt.want)
			}
		})
	}
	if got := Check(ask()).Console; got != nil {
		t.Errorf("console of a key without end: %q", got)
	}
}
