package directory

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"

	"postern/shared/gitlab"
	"postern/shared/store/record"
)

// keys are people's keys. A key may have no owner (user_id null), but the document has to say so.
func keys() kind {
	return &records[gitlab.Key]{
		array:    "keys",
		identity: []string{"id"},
		fresh: func(now time.Time) gitlab.Key {
			return gitlab.Key{Type: gitlab.PersonalKey, UsageType: gitlab.UsageAuthAndSigning, CreatedAt: now}
		},
		record: record.KeyRecord,
		settle: func(_ *run, e *entry[gitlab.Key]) {
			if e.old != nil && e.old.Type == gitlab.DeployKey {
				e.wrong("id", "is that of a deploy key")
			}
			e.next.Fingerprint = settleKey(e, e.next.Text)
		},
	}
}

// settleKey judges an authorized_keys line and returns its fingerprint.
func settleKey[T any](e *entry[T], line string) string {
	if line == "" {
		return "" // missing, which is a mistake already
	}
	fingerprint, ok := fingerprintOf(line)
	if !ok {
		e.wrong("key", "must be one public key as in authorized_keys, without options")
	}
	return fingerprint
}

// fingerprintOf returns the SHA-256 fingerprint of a public key: type, blob and an optional comment on one line.
func fingerprintOf(line string) (string, bool) {
	// The parser skips lines that are no keys, so a second line could hide behind the first one.
	if strings.ContainsAny(line, "\r\n") {
		return "", false
	}
	key, _, options, rest, err := ssh.ParseAuthorizedKey([]byte(line))
	if err != nil || len(options) > 0 || len(rest) > 0 {
		return "", false
	}
	// Of the blob, not of the line: the comment is free, and sshd asks with the blob alone.
	sum := sha256.Sum256(key.Marshal())
	return base64.RawStdEncoding.EncodeToString(sum[:]), true
}

// deployKey is a deploy key as documents have it: with a creator instead of an owner, and the projects it is let into.
type deployKey struct {
	// number, in one space with keys
	ID gitlab.ID `json:"id" directory:"required"`
	// creator; null: unknown
	CreatorID *gitlab.ID `json:"creator_id" directory:"required"`
	// title
	Title string `json:"title" directory:"required"`
	// line of authorized_keys without options: type, blob and comment
	Text string `json:"key" directory:"required"`
	// end; a date means its first moment in UTC
	ExpiresAt *time.Time `json:"expires_at"`
	// all projects of the key; a list replaces the list before
	Projects []gitlab.DeployKeyLink `json:"projects" directory:"required"`

	kept gitlab.Key // what is stored
}

// key returns the key as the domain has it: what is stored of it, such as when it was last used, and what the document
// says.
func (d *deployKey) key() *gitlab.Key {
	key := d.kept
	key.ID, key.UserID, key.Title, key.Text, key.ExpiresAt = d.ID, d.CreatorID, d.Title, d.Text, d.ExpiresAt
	return &key
}

// deployKeys share ids, fingerprints and the domain's type with people's keys.
//
// Sharing the id space is what lets the git access API answer for either by one key_id.
func deployKeys() kind {
	return &records[deployKey]{
		array:    "deploy_keys",
		identity: []string{"id"},
		fresh: func(now time.Time) deployKey {
			return deployKey{kept: gitlab.Key{Type: gitlab.DeployKey, UsageType: gitlab.UsageAuthAndSigning, CreatedAt: now}}
		},
		record: func(d *deployKey) *record.Record { return record.KeyRecord(d.key()) },
		adopt: func(value any) *deployKey {
			key, ok := value.(*gitlab.Key)
			if !ok {
				return nil
			}
			return &deployKey{
				ID: key.ID, CreatorID: key.UserID, Title: key.Title, Text: key.Text, ExpiresAt: key.ExpiresAt, kept: *key,
			}
		},
		settle: settleDeployKey,
		extend: linkDeployKeys,
	}
}

// settleDeployKey judges the key itself, and that each project is given once.
func settleDeployKey(_ *run, e *entry[deployKey]) {
	if e.old != nil && e.old.kept.Type != gitlab.DeployKey {
		e.wrong("id", "is that of a user's key")
	}
	e.next.kept.Fingerprint = settleKey(e, e.next.Text)
	seen := map[gitlab.ID]bool{}
	for i, link := range e.next.Projects {
		if seen[link.ProjectID] {
			e.m.Add(placeIn(e.Place, "projects", i)+".project_id", "is given twice")
		}
		seen[link.ProjectID] = true
	}
}

// linkDeployKeys lets keys into the projects that are given, and into no others.
func linkDeployKeys(ctx context.Context, r *run, entries []*entry[deployKey]) error {
	if !r.writing && !r.seeing {
		return nil
	}
	for _, e := range entries {
		// Left out means that the links stay; an empty list means that there are none.
		if !e.fields.Given("projects") {
			continue
		}
		linked := map[gitlab.ID]*record.Record{}
		if e.old != nil {
			// Documents list all projects of a key, so those that are linked and not listed are to go.
			var err error
			if linked, err = r.store.DeployKeyLinks(ctx, e.next.ID); err != nil {
				return err
			}
			e.old.Projects = linksOf(linked)
		}
		slices.SortFunc(e.next.Projects, func(a, b gitlab.DeployKeyLink) int { return cmp.Compare(a.ProjectID, b.ProjectID) })
		for i := range e.next.Projects {
			link := &e.next.Projects[i]
			link.KeyID = e.next.ID
			e.more = append(e.more, record.Change{Old: linked[link.ProjectID], New: record.DeployKeyLinkRecord(link)})
			// What is left in the map is what the document leaves out.
			delete(linked, link.ProjectID)
		}
		for _, gone := range linked {
			e.more = append(e.more, record.Change{Old: gone})
		}
	}
	return nil
}

// linksOf lists links in the order of the projects.
func linksOf(linked map[gitlab.ID]*record.Record) []gitlab.DeployKeyLink {
	links := make([]gitlab.DeployKeyLink, 0, len(linked))
	for _, project := range slices.Sorted(maps.Keys(linked)) {
		if link, ok := linked[project].Value().(*gitlab.DeployKeyLink); ok {
			links = append(links, *link)
		}
	}
	return links
}
