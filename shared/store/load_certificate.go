package store

import (
	"context"
	"strings"

	"postern/shared/gitlab"
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
	Settings Settings
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
func (s *Store) LoadCertificateContext(ctx context.Context, q CertificateQuery) (CertificateContext, error) {
	groups, err := s.trusting(ctx, q)
	if err != nil {
		return CertificateContext{}, err
	}
	v := s.newView()
	var found CertificateContext
	err = v.resolve(ctx, func() bool {
		settings, known := v.settings()
		user, userKnown := v.identified(q.Identifier)
		found = CertificateContext{Settings: settings, User: user}
		known = known && userKnown
		for _, id := range groups {
			chain, chainKnown := v.chain(id)
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
func (s *Store) trusting(ctx context.Context, q CertificateQuery) ([]gitlab.ID, error) {
	if !nameable(q.Fingerprint) {
		return nil, nil
	}
	var groups []gitlab.ID
	err := s.query(ctx, sshCAKey(q.Fingerprint, 0).PK, "ns#", func(item Item) error {
		id, ok := gitlab.ParseID(strings.TrimPrefix(text(item, "sk"), "ns#"))
		if ok && (q.NamespaceID == 0 || q.NamespaceID == id) {
			groups = append(groups, id)
		}
		return nil
	})
	return groups, err
}

// identified evaluates a user by username or else by primary e-mail.
func (v *view) identified(identifier string) (*gitlab.User, bool) {
	if !nameable(identifier) {
		return nil, true
	}
	user, _, known := v.userNamed(gitlab.ActorRef{Kind: gitlab.ByUsername, Login: identifier})
	// Asked for before the username is known to be nobody's, so that both are read in one trip.
	lead, leadKnown := record[target](v, emailKey(identifier))
	if !known || user != nil {
		return user, known
	}
	if lead == nil {
		return nil, leadKnown
	}
	return v.user(lead.ID)
}

// belongs evaluates whether a user is a member of a group itself. An invitation is no membership.
func (v *view) belongs(group gitlab.Chain, user gitlab.ID) (member, known bool) {
	members, known := v.members(placeHint{namespaces: group.IDs()}, user)
	for i := range members {
		own := members[i].NamespaceID != nil && *members[i].NamespaceID == group.Parent().ID
		member = member || own && members[i].Level(v.store.now()) > gitlab.NoAccess
	}
	return member, known
}

// belongsBelow looks for the user's memberships in projects and groups below the trusting groups.
func (s *Store) belongsBelow(ctx context.Context, c *CertificateContext) error {
	missing := false
	for i := range c.Groups {
		missing = missing || !c.Groups[i].Member
	}
	if !missing {
		return nil
	}
	memberships, err := s.membershipsOf(ctx, c.User.ID)
	if err != nil {
		return err
	}
	v := s.newView()
	return v.resolve(ctx, func() bool {
		known := true
		for _, m := range memberships {
			known = v.countBelow(c, m) && known
		}
		return known
	})
}

// countBelow marks the trusting groups above one membership.
func (v *view) countBelow(c *CertificateContext, k Key) bool {
	// Read again with its chain, at one moment: the listing may be older than the membership.
	m, known := record[gitlab.Member](v, k)
	if m == nil || m.Level(v.store.now()) == gitlab.NoAccess {
		return known
	}
	var chain gitlab.Chain
	switch {
	case m.NamespaceID != nil:
		chain, known = v.chain(*m.NamespaceID)
	case m.ProjectID != nil:
		var found *located
		if found, known = v.projectByID(*m.ProjectID); found != nil {
			chain = found.chain
		}
	}
	for _, id := range chain.IDs() {
		for i := range c.Groups {
			c.Groups[i].Member = c.Groups[i].Member || c.Groups[i].Chain.Parent().ID == id
		}
	}
	return known
}

// membershipsOf lists the membership items of a user.
func (s *Store) membershipsOf(ctx context.Context, user gitlab.ID) ([]Key, error) {
	var keys []Key
	const prefix = "member#"
	err := s.query(ctx, userKey(user).PK, backKey("", prefix).SK, func(item Item) error {
		_, place, _ := strings.Cut(text(item, "sk"), prefix)
		keys = append(keys, Key{PK: place, SK: prefix + num(user)})
		return nil
	})
	return keys, err
}
