package auth

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"postern/shared/gitlab"
)

// tokens knows one token, "right".
type tokens struct {
	gitlab.PersonalAccess
	err error
}

func (f tokens) LoadPersonalToken(_ context.Context, digest string) (gitlab.PersonalAccess, error) {
	if digest != gitlab.TokenDigest("right") {
		return gitlab.PersonalAccess{}, f.err
	}
	return f.PersonalAccess, f.err
}

func TestAdministratorChecksToken(t *testing.T) {
	root := gitlab.User{ID: 1, Admin: true, State: gitlab.UserActive}
	user := func(change func(*gitlab.User)) *gitlab.User { u := root; change(&u); return &u }
	api := gitlab.PersonalAccessToken{ID: 1, UserID: 1, Scopes: []string{"api"}}
	with := func(change func(*gitlab.PersonalAccessToken)) *gitlab.PersonalAccessToken {
		p := api
		change(&p)
		return &p
	}
	read := with(func(p *gitlab.PersonalAccessToken) { p.Scopes = []string{"read_api"} })
	rows := []struct {
		name          string
		method        string
		header, value string
		token         *gitlab.PersonalAccessToken
		user          *gitlab.User
		err           error
		want          error
	}{
		{"in its own header", "POST", "Private-Token", "right", &api, &root, nil, nil},
		{"as a bearer", "POST", "Authorization", "bearer right", &api, &root, nil, nil},
		{"as a parameter", "POST", "", "private_token=right", &api, &root, nil, nil},
		{"no token", "POST", "", "", &api, &root, nil, ErrNoToken},
		{"an unknown token", "POST", "Private-Token", "wrong", &api, &root, nil, ErrNoToken},
		{"another scheme", "POST", "Authorization", "Basic right", &api, &root, nil, ErrNoToken},
		{"of a deleted user", "POST", "Private-Token", "right", &api, nil, nil, ErrNoToken},
		{"revoked", "POST", "Private-Token", "right", with(func(p *gitlab.PersonalAccessToken) { p.Revoked = true }), &root, nil, ErrRevoked},
		{"expired today", "POST", "Private-Token", "right", with(func(p *gitlab.PersonalAccessToken) { p.ExpiresAt = gitlab.DateOf(now) }), &root, nil, ErrExpired},
		{"valid until tomorrow", "POST", "Private-Token", "right", with(func(p *gitlab.PersonalAccessToken) { p.ExpiresAt = gitlab.DateOf(now.AddDate(0, 0, 1)) }), &root, nil, nil},
		{"read scope for a read", "GET", "Private-Token", "right", read, &root, nil, nil},
		{"read scope for a write", "POST", "Private-Token", "right", read, &root, nil, ErrScope},
		{"of a blocked administrator", "POST", "Private-Token", "right", &api, user(func(u *gitlab.User) { u.State = gitlab.UserBlocked }), nil, ErrBlocked},
		{"of a regular user", "POST", "Private-Token", "right", &api, user(func(u *gitlab.User) { u.Admin = false }), nil, ErrNoPermission},
		{"unavailable tokens", "POST", "Private-Token", "right", &api, &root, errAway, errAway},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			target := "/"
			if row.header == "" {
				target += "?" + row.value
			}
			r := httptest.NewRequest(row.method, target, http.NoBody)
			if row.header != "" {
				r.Header.Set(row.header, row.value)
			}
			a := NewAdministrator(tokens{gitlab.PersonalAccess{Token: row.token, User: row.user}, row.err}, at)
			if err := a.Authenticate(t.Context(), r); !errors.Is(err, row.want) || (err == nil) != (row.want == nil) {
				t.Errorf("got %v, want %v", err, row.want)
			}
		})
	}
}
