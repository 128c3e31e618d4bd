package lookup

import (
	"context"
	"strings"

	"postern/shared/gitlab"
	"postern/shared/store/layout"
	"postern/shared/store/record"
	"postern/shared/table"
)

// CertificateQuery asks whose login a certificate is: one that the authority with this fingerprint signed for this
// user, who is named by username or primary e-mail.
type CertificateQuery struct {
	Fingerprint string
	Identifier  string
	NamespaceID gitlab.ID // only this group's authority; 0 for any
}

// CertificateContext is what LoadCertificateContext found.
type CertificateContext struct {
	Settings record.Settings
	User     *gitlab.User   // nil: nobody
	Groups   []TrustedGroup // the groups that trust the authority
}

// TrustedGroup is a group that trusts a certificate authority.
type TrustedGroup struct {
	Chain  gitlab.Chain // the group last
	Member bool         // the user is a member of the group, or of a project or group below it
}

// LoadCertificateContext reads which groups trust an authority and what the named user is to them: one Query for the
// groups and one round trip for user and memberships, and more only for a user who is a member of none of the groups
// itself, whose memberships elsewhere are then followed to their top-level groups.
func (s *Loader) LoadCertificateContext(ctx context.Context, q CertificateQuery) (CertificateContext, error) {
	groups, err := s.trusting(ctx, q)
	if err != nil {
		return CertificateContext{}, err
	}
	v := s.NewView()
	var found CertificateContext
	err = v.Resolve(ctx, func() bool {
		settings, known := v.Settings()
		user, userKnown := v.identified(q.Identifier)
		found = CertificateContext{Settings: settings, User: user}
		known = known && userKnown
		for _, id := range groups {
			chain, chainKnown := v.Chain(id)
			known = known && chainKnown
			if chain == nil {
				continue
			}
			group := TrustedGroup{Chain: chain}
			if user != nil {
				var memberKnown bool
				group.Member, memberKnown = v.belongs(chain, user.ID)
				known = known && memberKnown
			}
			found.Groups = append(found.Groups, group)
		}
		return known
	})
	if err != nil || found.User == nil {
		return found, err
	}
	return found, s.belongsBelow(ctx, &found)
}

// trusting returns the groups that trust an authority.
func (s *Loader) trusting(ctx context.Context, q CertificateQuery) ([]gitlab.ID, error) {
	if !table.Nameable(q.Fingerprint) {
		return nil, nil
	}
	var groups []gitlab.ID
	err := s.db.Query(ctx, layout.SSHCAKey(q.Fingerprint, 0).PK, "ns#", func(item table.Item) error {
		id, ok := gitlab.ParseID(strings.TrimPrefix(table.Text(item, "sk"), "ns#"))
		if ok && (q.NamespaceID == 0 || q.NamespaceID == id) {
			groups = append(groups, id)
		}
		return nil
	})
	return groups, err
}

// identified evaluates a user by username or else by primary e-mail.
func (v *View) identified(identifier string) (*gitlab.User, bool) {
	if !table.Nameable(identifier) {
		return nil, true
	}
	user, _, known := v.userNamed(gitlab.ActorRef{Kind: gitlab.ByUsername, Login: identifier})
	// Asked for before the username is known to be nobody's, so that both are read in one trip.
	lead, leadKnown := Read[Target](v, layout.EmailKey(identifier))
	if !known || user != nil {
		return user, known
	}
	if lead == nil {
		return nil, leadKnown
	}
	return v.User(lead.ID)
}

// belongs evaluates whether a user is a member of a group itself. An invitation is no membership.
func (v *View) belongs(group gitlab.Chain, user gitlab.ID) (member, known bool) {
	members, known := v.Members(PlaceHint{Namespaces: group.IDs()}, user)
	for i := range members {
		own := members[i].NamespaceID != nil && *members[i].NamespaceID == group.Parent().ID
		member = member || own && members[i].Level(v.store.db.Now()) > gitlab.NoAccess
	}
	return member, known
}

// belongsBelow looks for the user's memberships in projects and groups below the trusting groups.
func (s *Loader) belongsBelow(ctx context.Context, c *CertificateContext) error {
	missing := false
	for i := range c.Groups {
		missing = missing || !c.Groups[i].Member
	}
	if !missing {
		return nil
	}
	memberships, err := s.MembershipsOf(ctx, c.User.ID)
	if err != nil {
		return err
	}
	v := s.NewView()
	return v.Resolve(ctx, func() bool {
		known := true
		for _, m := range memberships {
			known = v.countBelow(c, m) && known
		}
		return known
	})
}

// countBelow marks the trusting groups above one membership.
func (v *View) countBelow(c *CertificateContext, k table.Key) bool {
	// Read again with its chain, at one moment: the listing may be older than the membership.
	m, known := Read[gitlab.Member](v, k)
	if m == nil || m.Level(v.store.db.Now()) == gitlab.NoAccess {
		return known
	}
	var chain gitlab.Chain
	switch {
	case m.NamespaceID != nil:
		chain, known = v.Chain(*m.NamespaceID)
	case m.ProjectID != nil:
		var found *Located
		if found, known = v.ProjectByID(*m.ProjectID); found != nil {
			chain = found.Chain
		}
	}
	for _, id := range chain.IDs() {
		for i := range c.Groups {
			c.Groups[i].Member = c.Groups[i].Member || c.Groups[i].Chain.Parent().ID == id
		}
	}
	return known
}

// MembershipsOf lists the membership items of a user.
func (s *Loader) MembershipsOf(ctx context.Context, user gitlab.ID) ([]table.Key, error) {
	var keys []table.Key
	const prefix = "member#"
	err := s.db.Query(ctx, layout.UserKey(user).PK, layout.BackKey("", prefix).SK, func(item table.Item) error {
		_, place, _ := strings.Cut(table.Text(item, "sk"), prefix)
		keys = append(keys, table.Key{PK: place, SK: prefix + table.ID(user)})
		return nil
	})
	return keys, err
}
