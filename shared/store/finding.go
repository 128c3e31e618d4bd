package store

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"postern/shared/gitlab"
)

// The states of a finding. Who changes one to or from detected also writes or deletes its entry among the open ones.
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

// errBusyFindings says that others wrote the same findings again and again.
var errBusyFindings = errors.New("findings are written by others")

// KeepFinding keeps a finding as detected, with one transaction and without a read: a new one, one that is there already, or
// one that was resolved. One that somebody dismissed stays so. The same finding kept by many at once is one finding.
func (s *Store) KeepFinding(ctx context.Context, f Finding) error {
	open := types.TransactWriteItem{Put: &types.Put{TableName: &s.table, Item: openFindingKey(f.AgentID, f.UUID).item()}}
	for attempt := 0; ; {
		reasons, err := s.tryItems(ctx, []types.TransactWriteItem{s.reported(f, false), open})
		if err == nil && conditionFailed(reasons) {
			reasons, err = s.tryItems(ctx, []types.TransactWriteItem{s.reported(f, true)})
		}
		if err != nil || reasons == nil {
			return err
		}
		if err := waitForOthers(ctx, &attempt, errBusyFindings); err != nil {
			return err
		}
	}
}

// reported is the write of a finding that is reported, either of one that somebody dismissed or of any other.
func (s *Store) reported(f Finding, dismissed bool) types.TransactWriteItem {
	update := "SET #uuid = :uuid, agent_id = :agent, project_id = :project, payload = :payload, last_seen = :now," +
		" first_seen = if_not_exists(first_seen, :now), #state = :state"
	condition := "#state = :state"
	values := Item{
		":uuid": textValue(f.UUID), ":agent": number(f.AgentID), ":project": number(f.ProjectID), ":payload": textValue(f.Payload),
		":now": textValue(s.now().UTC().Format(time.RFC3339)), ":state": textValue(FindingDismissed),
	}
	if !dismissed {
		// Detected again, it is open as on its first day.
		update += " REMOVE resolved_at"
		condition = "attribute_not_exists(#state) OR #state <> :dismissed"
		values[":dismissed"], values[":state"] = values[":state"], textValue(FindingDetected)
	}
	return types.TransactWriteItem{Update: &types.Update{
		TableName: &s.table, Key: findingKey(f.AgentID, f.UUID).item(), UpdateExpression: &update, ConditionExpression: &condition,
		ExpressionAttributeNames: map[string]string{"#uuid": "uuid", "#state": "state"}, ExpressionAttributeValues: values,
	}}
}

// ResolveFindings resolves the open findings of an agent that are not listed. It reads the open ones, small items, in
// pages, and writes only those that change, so a call that was cut off is finished by the next one.
func (s *Store) ResolveFindings(ctx context.Context, agent gitlab.ID, listed map[string]bool) error {
	prefix := openFindingKey(agent, "")
	var gone []string
	err := s.query(ctx, prefix.PK, prefix.SK, func(item Item) error {
		uuid := afterHash(text(item, "sk"))
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

// resolve resolves findings in one transaction, without those that another call has resolved meanwhile.
func (s *Store) resolve(ctx context.Context, agent gitlab.ID, uuids []string) error {
	for attempt := 0; len(uuids) > 0; {
		items := make([]types.TransactWriteItem, 0, 2*len(uuids))
		for _, uuid := range uuids {
			items = append(items, s.resolution(agent, uuid))
		}
		for _, uuid := range uuids {
			entry := openFindingKey(agent, uuid).item()
			items = append(items, types.TransactWriteItem{Delete: &types.Delete{TableName: &s.table, Key: entry}})
		}
		reasons, err := s.tryItems(ctx, items)
		switch {
		case err != nil || reasons == nil:
			return err
		case conditionFailed(reasons):
			// What was resolved or dismissed meanwhile is left as it is.
			uuids = passing(uuids, reasons)
			continue
		}
		if err := waitForOthers(ctx, &attempt, errBusyFindings); err != nil {
			return err
		}
	}
	return nil
}

// resolution is the write that resolves a finding, if it is still detected.
func (s *Store) resolution(agent gitlab.ID, uuid string) types.TransactWriteItem {
	update, condition := "SET #state = :resolved, resolved_at = :now", "#state = :detected"
	return types.TransactWriteItem{Update: &types.Update{
		TableName: &s.table, Key: findingKey(agent, uuid).item(), UpdateExpression: &update, ConditionExpression: &condition,
		ExpressionAttributeNames: map[string]string{"#state": "state"},
		ExpressionAttributeValues: Item{
			":resolved": textValue(FindingResolved), ":detected": textValue(FindingDetected),
			":now": textValue(s.now().UTC().Format(time.RFC3339)),
		},
	}}
}

// Finding reads one finding of an agent; ErrNotFound when there is none.
func (s *Store) Finding(ctx context.Context, agent gitlab.ID, uuid string) (Finding, error) {
	k := findingKey(agent, uuid)
	items, err := s.batchGet(ctx, []Key{k})
	if err != nil {
		return Finding{}, err
	}
	if items[k] == nil {
		return Finding{}, ErrNotFound
	}
	var f Finding
	return f, decode(items[k], &f)
}
