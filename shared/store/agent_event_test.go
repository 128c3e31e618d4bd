package store_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"postern/shared/store"
	storeagents "postern/shared/store/agents"
	"postern/shared/store/pushes"
	"postern/shared/storetest"
	"postern/shared/table"
)

func TestAgentEventsAreKeptOnceADay(t *testing.T) {
	client, table := storetest.Open(t)
	clock := newClock()
	s := store.New(client, table, clock.now)
	event := []storeagents.AgentEvent{{Name: "n", Payload: `{"user_id":1}`}, {Name: "n", Payload: `{"user_id":1}`}}
	together(t, 10, func(i int) error {
		own := storeagents.AgentEvent{Name: "n", Payload: fmt.Sprintf(`{"user_id":%d}`, 10+i)}
		return s.KeepAgentEvents(t.Context(), append(slices.Clone(event), own))
	})
	clock.add(24 * time.Hour)
	if err := s.KeepAgentEvents(t.Context(), event); err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for _, item := range contents(t, client, table) {
		e, err := storeagents.DecodeAgentEvent(item)
		if err != nil || e.Name != "n" || e.At.IsZero() || pushes.KindOf(item) != storeagents.OutboxAgentEvent || item["expires"] == nil {
			t.Errorf("event %+v, %v", e, err)
		}
		ids[e.ID] = true
	}
	if len(ids) != 12 {
		t.Errorf("%d events, want the ten, and the one of all on each day", len(ids))
	}
}

func TestAnItemThatIsNoEvent(t *testing.T) {
	text := func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
	rows := map[string]table.Item{
		"nothing":               {},
		"no id":                 {"name": text("n"), "payload": text("{}")},
		"no name":               {"id": text("1"), "payload": text("{}")},
		"a payload that is not": {"id": text("1"), "name": text("n"), "payload": text("{")},
		"another type":          {"id": text("1"), "name": &types.AttributeValueMemberL{}, "payload": text("{}")},
	}
	for name, item := range rows {
		if _, err := storeagents.DecodeAgentEvent(item); !errors.Is(err, storeagents.ErrMalformedEvent) {
			t.Errorf("%s: error %v, want malformed", name, err)
		}
	}
}
