package agents

import (
	"context"
	"errors"
	"time"

	"postern/shared/gitlab"
	"postern/shared/store/layout"
	"postern/shared/table"
)

// The states of a finding. A change to or from detected also writes or deletes its entry among the open ones.
const (
	FindingDetected  = "detected"
	FindingResolved  = "resolved"
	FindingDismissed = "dismissed"
)

// Finding is a vulnerability that an agent's scanner reported. All are of report type cluster_image_scanning.
type Finding struct {
	UUID       string    `json:"uuid"`
	AgentID    gitlab.ID `json:"agent_id"`
	ProjectID  gitlab.ID `json:"project_id"`
	State      string    `json:"state"`
	Payload    string    `json:"payload"` // JSON
	FirstSeen  string    `json:"first_seen"`
	LastSeen   string    `json:"last_seen"`
	ResolvedAt string    `json:"resolved_at,omitempty"`
}

// resolvedTogether is how many findings one transaction resolves: two items each.
const resolvedTogether = 50

// KeepFinding stores a finding as detected, with one transaction and without a read. It may be new, stored or resolved; a
// dismissed finding stays dismissed. Concurrent reports of a finding make one finding.
func (s *Agents) KeepFinding(ctx context.Context, f Finding) error {
	err := s.db.Transact(ctx, []table.Write{
		s.reported(f, false),
		{Verb: table.Put, Key: openFindingKey(f.AgentID, f.UUID)},
	})
	if errors.Is(err, table.ErrConflict) {
		return table.IgnoreConflict(s.db.Transact(ctx, []table.Write{s.reported(f, true)}))
	}
	return err
}

// reported is the write of a reported finding, either of a dismissed one or of any other.
func (s *Agents) reported(f Finding, dismissed bool) table.Write {
	w := table.Write{
		Verb: table.Update, Key: layout.FindingKey(f.AgentID, f.UUID),
		Update: "SET #uuid = :uuid, agent_id = :agent, project_id = :project, payload = :payload, last_seen = :now," +
			" first_seen = if_not_exists(first_seen, :now), #state = :state",
		If:    "#state = :state",
		Names: map[string]string{"#uuid": "uuid", "#state": "state"},
		Values: table.Item{
			":uuid": table.String(f.UUID), ":agent": table.Number(f.AgentID),
			":project": table.Number(f.ProjectID), ":payload": table.String(f.Payload),
			":now":   table.String(s.db.Now().UTC().Format(time.RFC3339)),
			":state": table.String(FindingDismissed),
		},
	}
	if !dismissed {
		// Detected again, it is open as on its first day.
		w.Update += " REMOVE resolved_at"
		w.If = "attribute_not_exists(#state) OR #state <> :dismissed"
		w.Values[":dismissed"], w.Values[":state"] = w.Values[":state"], table.String(FindingDetected)
	}
	return w
}

// ResolveFindings resolves the open findings of an agent that are not listed. It reads the small items of the open ones in pages,
// and writes only changes. The next call completes an interrupted one.
func (s *Agents) ResolveFindings(ctx context.Context, agent gitlab.ID, listed map[string]bool) error {
	prefix := openFindingKey(agent, "")
	var gone []string
	err := s.db.Query(ctx, prefix.PK, prefix.SK, func(item table.Item) error {
		uuid := table.Rest(table.Text(item, "sk"))
		if listed[uuid] {
			return nil
		}
		if gone = append(gone, uuid); len(gone) < resolvedTogether {
			return nil
		}
		err := s.resolve(ctx, agent, gone)
		gone = gone[:0]
		return err
	})
	if err != nil {
		return err
	}
	return s.resolve(ctx, agent, gone)
}

// resolve resolves findings in one transaction, without those that another call has resolved or dismissed meanwhile.
func (s *Agents) resolve(ctx context.Context, agent gitlab.ID, uuids []string) error {
	for len(uuids) > 0 {
		writes := make([]table.Write, 0, 2*len(uuids))
		for _, uuid := range uuids {
			writes = append(writes, s.resolution(agent, uuid))
		}
		for _, uuid := range uuids {
			writes = append(writes, table.Write{Verb: table.Delete, Key: openFindingKey(agent, uuid)})
		}
		err := s.db.Transact(ctx, writes)
		if !errors.Is(err, table.ErrConflict) {
			return err
		}
		uuids = table.Passing(uuids, err)
	}
	return nil
}

// resolution is the write that resolves a finding, if it is still detected.
func (s *Agents) resolution(agent gitlab.ID, uuid string) table.Write {
	return table.Write{
		Verb: table.Update, Key: layout.FindingKey(agent, uuid),
		Update: "SET #state = :resolved, resolved_at = :now", If: "#state = :detected",
		Names: map[string]string{"#state": "state"},
		Values: table.Item{
			":resolved": table.String(FindingResolved), ":detected": table.String(FindingDetected),
			":now": table.String(s.db.Now().UTC().Format(time.RFC3339)),
		},
	}
}

// Finding reads one finding of an agent. It returns ErrNotFound for an unknown one.
func (s *Agents) Finding(ctx context.Context, agent gitlab.ID, uuid string) (Finding, error) {
	k := layout.FindingKey(agent, uuid)
	items, err := s.db.Get(ctx, []table.Key{k})
	if err != nil {
		return Finding{}, err
	}
	if items[k] == nil {
		return Finding{}, table.ErrNotFound
	}
	var f Finding
	return f, table.Decode(items[k], &f)
}
