package store

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"postern/shared/gitlab"
)

// What the service itself writes down: what is counted, and what is kept for a while.

func counterKey(kind string) Key { return Key{"counter#" + kind, "counter"} }

// rateKey is the shared counter of one scope in one minute, given as minutes since 1970. Scopes hold what clients
// send, of any length, so the key is their digest.
func rateKey(scope string, minute int64) Key {
	sum := sha256.Sum256([]byte(scope))
	return Key{"rate#" + hex.EncodeToString(sum[:16]), strconv.FormatInt(minute, 10)}
}

// messageKey is a message kept for the next post_receive of a user on a repository; kind is "moved" or "created".
func messageKey(user gitlab.ID, repository, kind string) Key {
	return Key{"message#" + num(user) + "#" + repository, kind}
}

// auditKey is what was told of a git command in a top-level group, by the time; auditSeenKey says for a while that it was.

func auditKey(group gitlab.ID, at time.Time, id string) Key {
	return Key{"audit#" + num(group), "event#" + at.UTC().Format(sortableTime) + "#" + id}
}

func auditSeenKey(group gitlab.ID, id string) Key { return Key{"audit#" + num(group), "seen#" + id} }

// auditChangeKey is a change that was made over the API, by the time; the tenant is a group's id, or "instance".
func auditChangeKey(tenant string, at time.Time, id string) Key {
	return Key{"audit#" + tenant, "change#" + at.UTC().Format(sortableTime) + "#" + id}
}

// sortableTime is a time whose texts have the order of the times.
const sortableTime = "2006-01-02T15:04:05.000000000Z"

// leaseKey is the pushes to a repository that have begun and not ended. The hook may name any repository.
func leaseKey(repository string) Key {
	if !nameable(repository) {
		sum := sha256.Sum256([]byte(repository))
		repository = hex.EncodeToString(sum[:16])
	}
	return Key{"lease#" + repository, "lease"}
}

// outboxKey is a push whose effects are still to come; large ones are continued in numbered parts.
func outboxKey(repository gitlab.Repository, push string, part int) Key {
	k := Key{"outbox#" + repository.String(), "push#" + push}
	if part > 0 {
		k.SK += "#" + strconv.Itoa(part)
	}
	return k
}

// BeginsInOutbox reports whether a key is that of something in the outbox, and not of a further part of it. The stream tells of
// every item; what is read there begins with such a one.
func BeginsInOutbox(k Key) bool {
	return strings.HasPrefix(k.PK, "outbox#") && strings.Count(k.SK, "#") <= 1
}

// What signs a user in beside the password, and what a request was answered with, for its repeats. The former lie in the
// user's partition, so that they go with the user.

func recoveryKey(user gitlab.ID) Key    { return Key{"user#" + num(user), "recovery"} }
func otpKey(user gitlab.ID) Key         { return Key{"user#" + num(user), "otp"} }
func handoutKey(fingerprint string) Key { return Key{"handout#" + fingerprint, "handout"} }

// pushEventKey is what a push did to the ref at an index of its changes. Those of a project lie in the order of their times.
func pushEventKey(project gitlab.ID, at time.Time, push string, index int) Key {
	place := fmt.Sprintf("%s#%s#%06d", at.UTC().Format(sortableTime), push, index)
	return Key{"pushevents#project-" + num(project), place}
}

// Usage counters, spread over shards; members of unique sets, each in a partition of its own; and how many there are in a
// month or week, spread likewise.

func usageKey(shard int) Key { return Key{"usage#" + strconv.Itoa(shard), "counters"} }

func memberKey(m Member) Key { return Key{"unique#" + m.Set + "#" + num(m.ID), "member"} }

func memberCountKey(set, period string, shard int) Key {
	return Key{"uniquecount#" + set + "#" + period + "#" + strconv.Itoa(shard), "count"}
}

// agentEventKey is an event around an agent on a day, in the outbox from which it is published.
func agentEventKey(event, day string) Key { return Key{"outbox#agent_event#" + event, day} }

// What kas says of an agent's configuration lies with the agent. Its findings have a partition of their own, in which those
// that are open are listed once more. Where the record of an agent's token leads is told by a hint.

func agentConfigurationKey(agent gitlab.ID) Key { return Key{"agent#" + num(agent), "configuration"} }

func findingKey(agent gitlab.ID, uuid string) Key {
	return Key{"findings#" + num(agent), "finding#" + uuid}
}

func openFindingKey(agent gitlab.ID, uuid string) Key {
	return Key{"findings#" + num(agent), "open#" + uuid}
}

func agentHintKey(digest string) Key { return Key{"agenthint#" + digest, "hint"} }

func otpSessionKey(key gitlab.ID) Key { return Key{"otp#" + num(key), "session"} }
