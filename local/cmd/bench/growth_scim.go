package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"postern/shared/directory"
	"postern/shared/directory/document"
	"postern/shared/gitlab"
	"postern/shared/store"
	"postern/shared/store/tenants"
)

const (
	grownTenant = 1_000_000 // the first id of groups and of their users
	asked       = 20        // requests of each kind (at most the number of identities), and identities of a page
)

// errGrown means that a page has other identities than the loaded ones.
var errGrown = errors.New("other identities than were loaded")

// growIdentities measures an identity provider's requests for a group with size identities.
func growIdentities(ctx context.Context, client *dynamodb.Client, table string, size int) error {
	s := store.New(client, table, time.Now)
	if err := loadIdentities(ctx, s, size); err != nil {
		return err
	}
	path := grownPath(size)
	access := tenants.SCIMAccess{GroupPath: path, Digest: gitlab.TokenDigest(path), RequestID: requestID}
	if _, err := s.LoadSCIMTenant(ctx, access); err != nil { // warms the process up
		return fmt.Errorf("tenant: %w", err)
	}
	for _, step := range []struct {
		name string
		do   func(ctx context.Context, i int) error
	}{
		{"last page of %d identities", func(ctx context.Context, _ int) error {
			page, err := s.ListSCIMUsers(ctx, access, max(1, size-asked+1), asked)
			return wanted(page, err, size, min(size, asked))
		}},
		{"filter, %d identities", func(ctx context.Context, i int) error {
			page, err := s.FindSCIMUsers(ctx, access, tenants.SCIMLookup{UserName: fmt.Sprintf("%s-%d", path, i)})
			return wanted(page, err, 1, 1)
		}},
		{"deactivate, %d identities", func(ctx context.Context, i int) error { return patch(ctx, s, access, i, false) }},
		{"activate, %d identities", func(ctx context.Context, i int) error { return patch(ctx, s, access, i, true) }},
		{"create, %d identities", func(ctx context.Context, i int) error { return create(ctx, s, access, i) }},
	} {
		if err := timed(ctx, fmt.Sprintf(step.name, size), min(asked, size), step.do); err != nil {
			return fmt.Errorf("%s: %w", fmt.Sprintf(step.name, size), err)
		}
	}
	return nil
}

// wanted fails for an unexpected page.
func wanted(page tenants.SCIMUserPage, err error, total, users int) error {
	if err == nil && (page.Total != total || len(page.Users) != users) {
		err = fmt.Errorf("%w: %d of %d, want %d of %d", errGrown, len(page.Users), page.Total, users, total)
	}
	return err
}

// patch activates or deactivates a loaded identity.
func patch(ctx context.Context, s *store.Store, access tenants.SCIMAccess, i int, active bool) error {
	u, err := s.LoadSCIMUser(ctx, access, fmt.Sprintf("u-%d", i))
	if err != nil {
		return fmt.Errorf("load: %w", err)
	}
	if _, err = s.ChangeSCIMUser(ctx, access, u, tenants.SCIMChange{Active: &active}); err != nil {
		return fmt.Errorf("change: %w", err)
	}
	return nil
}

// create adds an identity and its user.
func create(ctx context.Context, s *store.Store, access tenants.SCIMAccess, i int) error {
	name := fmt.Sprintf("%s-new-%d", access.GroupPath, i)
	n, err := s.LoadSCIMNewcomer(ctx, access, tenants.NewSCIMUser{
		ExternUID: name, Username: name, Email: name + "@example.com", Name: "New", Active: true,
	})
	if err != nil {
		return fmt.Errorf("load: %w", err)
	}
	if _, err := s.CreateSCIMUser(ctx, access, n); err != nil {
		return fmt.Errorf("create: %w", err)
	}
	return nil
}

// grownPath returns the path of a group with size identities. It is the group's token too.
func grownPath(size int) string { return fmt.Sprintf("grown-%d", size) }

// loadIdentities loads a group with size identities as a directory document. All of them are members.
func loadIdentities(ctx context.Context, s *store.Store, size int) error {
	type record = map[string]any
	path, group := grownPath(size), grownTenant+size
	users, members, identities := make([]record, size), make([]record, size), make([]record, size)
	for i := range size {
		id, name := grownTenant*(1+size)+i, fmt.Sprintf("%s-%d", path, i)
		users[i] = record{"id": id, "username": name, "name": name, "email": name + "@example.com"}
		members[i] = record{"namespace_id": group, "user_id": id, "access_level": gitlab.Guest}
		identities[i] = record{"namespace_id": group, "extern_uid": fmt.Sprintf("u-%d", i), "user_id": id}
	}
	text, err := json.Marshal(record{
		"users": users, "members": members, "scim_identities": identities,
		"namespaces":  []record{{"id": group, "kind": "group", "path": path, "saml_sso_url": "https://idp.example.com"}},
		"scim_tokens": []record{{"namespace_id": group, "token": path}},
	})
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	result, err := directory.Apply(ctx, s, document.Bytes(text), directory.Options{Workers: fillers})
	if err != nil {
		return fmt.Errorf("load: %w", err)
	}
	if len(result.Mistakes) > 0 {
		return fmt.Errorf("load: %s %s", result.Mistakes[0].Place, result.Mistakes[0].Message)
	}
	return nil
}
