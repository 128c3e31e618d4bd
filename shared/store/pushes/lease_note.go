package pushes

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"time"

	"postern/shared/gitlab"
	"postern/shared/table"
)

// A note is an accepted push in its repository's lease item. It recognizes the repeat of an HTTP request (decisions, "Evidence
// identifies a repeat").

const (
	// notePrefix and noteOrderPrefix begin the names of a note's attributes.
	notePrefix      = "push_"
	noteOrderPrefix = "pushn_"
	// notesKept is the number of notes that remain after trimming, notesTrimmed the number that causes it.
	notesKept, notesTrimmed = 12, 24
	// noteTime is how long a repeat can arrive: gitlab-shell makes three attempts of 300 s each, with pauses.
	noteTime = time.Hour
	// notedRefs bounds the refs of a note. A push of more refs counts as a push to any ref.
	notedRefs = 16
	// refDigest is the length of a ref's digest in a note. Equal digests of different refs store a repeat twice, at worst.
	refDigest = 4
)

// note is a decoded note.
type note struct {
	name  string // of its attribute
	text  string
	id    string
	at    time.Time
	order int64
	refs  []byte // the digests of the pushed refs; none for any ref
}

// noteName returns the attribute's name for all pushes of one content.
func noteName(content string) string { return notePrefix + content[:20] }

func (n *note) orderName() string { return noteOrderPrefix + strings.TrimPrefix(n.name, notePrefix) }

// noteText encodes the note of a push.
func noteText(p *AcceptedPush) string {
	var refs []byte
	if len(p.Changes) <= notedRefs {
		for i := range p.Changes {
			sum := sha256.Sum256([]byte(p.Changes[i].Ref))
			refs = append(refs, sum[:refDigest]...)
		}
	}
	return p.ID + " " + strconv.FormatInt(p.At.UnixMilli(), 36) + " " + base64.RawStdEncoding.EncodeToString(refs)
}

// notesOf returns the notes of a lease item, the oldest first.
func notesOf(item table.Item) []note {
	var notes []note
	for name := range item {
		if !strings.HasPrefix(name, notePrefix) {
			continue
		}
		n := note{name: name, text: table.Text(item, name)}
		id, rest, _ := strings.Cut(n.text, " ")
		at, refs, _ := strings.Cut(rest, " ")
		ms, _ := strconv.ParseInt(at, 36, 64)
		n.id, n.at, n.order = id, time.UnixMilli(ms), table.Integer(item, n.orderName())
		n.refs, _ = base64.RawStdEncoding.DecodeString(refs)
		notes = append(notes, n)
	}
	slices.SortFunc(notes, func(a, b note) int { return cmp.Compare(a.order, b.order) })
	return notes
}

// staleNotes returns the notes that are too old or too many.
func staleNotes(notes []note, now time.Time) []note {
	var stale []note
	for i := range notes {
		if i < len(notes)-notesKept || now.Sub(notes[i].at) > noteTime {
			stale = append(stale, notes[i])
		}
	}
	return stale
}

// touches reports whether two pushes may have changed the same ref.
func (n *note) touches(other *note) bool {
	if len(n.refs) == 0 || len(other.refs) == 0 {
		return true
	}
	for one := range slices.Chunk(n.refs, refDigest) {
		for two := range slices.Chunk(other.refs, refDigest) {
			if bytes.Equal(one, two) {
				return true
			}
		}
	}
	return false
}

// content is the digest of everything that the request of a push says.
func (p *AcceptedPush) content() string {
	return p.digest("")
}

// digest returns the id of the push after another one with the same content.
func (p *AcceptedPush) digest(before string) string {
	options := p.Given
	if options == nil {
		options = p.Options
	}
	return gitlab.PushID(p.Repository, p.Identifier, p.RawChanges, options, p.RequestID, before)
}
