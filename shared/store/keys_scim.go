package store

import (
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"
	"time"

	"postern/shared/gitlab"
)

// What an identity provider has: its token, its identities by their ids there and by their users, its groups.

func scimTokenKey(tenant string) Key         { return Key{"scim#" + tenant, "token"} }
func scimIdentityKey(tenant, uid string) Key { return Key{"scim#" + tenant, "identity#" + uid} }
func scimUserKey(tenant string, user gitlab.ID) Key {
	return Key{"scim#" + tenant, "user#" + num(user)}
}

func scimGroupKey(tenant string, group gitlab.ID) Key {
	return Key{"scim#" + tenant, "group#" + num(group)}
}

func scimGroupNameKey(tenant, name string) Key {
	return Key{"scim#" + tenant, "groupname#" + gitlab.FoldPath(name)}
}

func scimGroupMemberKey(group, user gitlab.ID) Key {
	return Key{"scimgroup#" + num(group), "scimmember#" + num(user)}
}

// scimTenant names who a SCIM record belongs to: a group by its id, or the instance.
func scimTenant(ns *gitlab.ID) string {
	if ns == nil {
		return "instance"
	}
	return num(*ns)
}

// A tenant's identities are listed by places: the number of a block, when the identity was made, and what tells apart those
// of one moment. How many each block has is counted, so that a page is found without passing what is before it.

// scimListKey is the identity at a place; the list of a tenant begins at the place "".
func scimListKey(tenant, place string) Key { return Key{"scim#" + tenant, "list#" + place} }

const (
	// scimBlockSize is how many identities a block takes before the next one is begun. Those that are made at the same
	// time may put more into it.
	scimBlockSize = 256
	// scimBlocksCounted is how many blocks one item counts: so few that adding to it is always a write of 1 KB.
	scimBlocksCounted = 64
	// scimShards is how many items count the same blocks, so that identities made at the same time seldom meet on one.
	scimShards = 4
)

// scimPlace is the place of an identity that is made at a time. Identities of one moment are in the order of after.
func scimPlace(block int, at time.Time, after string) string {
	return scimBlockStart(block) + "#" + at.UTC().Format(sortableTime) + "#" + after
}

// scimBlockStart is before all places of a block, and scimListEnd behind those of all blocks.
func scimBlockStart(block int) string { return fmt.Sprintf("%08d", block) }

const scimListEnd = "~"

// scimBlock returns the block of a place; false for none.
func scimBlock(place string) (int, bool) {
	digits, _, ok := strings.Cut(place, "#")
	block, err := strconv.Atoi(digits)
	return block, ok && err == nil
}

// scimShard is which of the items that count a block counts a place.
func scimShard(place string) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(place)) // it never fails
	return int(h.Sum32() % scimShards)
}

// scimCountsKey is the item that counts a block.
func scimCountsKey(tenant string, block, shard int) Key {
	return Key{"scim#" + tenant, fmt.Sprintf("counts#%06d#%d", block/scimBlocksCounted, shard)}
}
