package agents

import (
	"postern/shared/gitlab"
	"postern/shared/table"
)

// agentEventKey is an event around an agent on a day, in the outbox from which it is published.
func agentEventKey(event, day string) table.Key {
	return table.Key{PK: "outbox#agent_event#" + event, SK: day}
}

// What kas says of an agent's configuration lies with the agent. Its findings have a partition of their own, in which those
// that are open are listed once more. Where the record of an agent's token leads is told by a hint.

func agentConfigurationKey(agent gitlab.ID) table.Key {
	return table.Key{PK: "agent#" + table.ID(agent), SK: "configuration"}
}

func openFindingKey(agent gitlab.ID, uuid string) table.Key {
	return table.Key{PK: "findings#" + table.ID(agent), SK: "open#" + uuid}
}

func agentHintKey(digest string) table.Key { return table.Key{PK: "agenthint#" + digest, SK: "hint"} }
