package agents

import (
	"postern/shared/gitlab"
	"postern/shared/table"
)

// agentEventKey is an event around an agent on a day, in the outbox from which it is published.
func agentEventKey(event, day string) table.Key {
	return table.Key{PK: "outbox#agent_event#" + event, SK: day}
}

// The configuration that kas reported lies with the agent. Findings have a partition of their own, which lists the open ones once
// more. A hint leads from an agent's token to its records.

func agentConfigurationKey(agent gitlab.ID) table.Key {
	return table.Key{PK: "agent#" + table.ID(agent), SK: "configuration"}
}

func openFindingKey(agent gitlab.ID, uuid string) table.Key {
	return table.Key{PK: "findings#" + table.ID(agent), SK: "open#" + uuid}
}

func agentHintKey(digest string) table.Key { return table.Key{PK: "agenthint#" + digest, SK: "hint"} }
