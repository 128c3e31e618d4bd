package store

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"postern/shared/gitlab"
)

// Copies is how many identical copies of the instance's items are kept. Every request reads one of them, and one
// partition serves 3,000 reads a second, so sixteen carry 48,000 requests a second.
const Copies = 16

// Settings and storages, and broadcast messages, of the instance: copy n of each.

func instanceKey(n int) Key  { return Key{"instance#" + strconv.Itoa(n), "settings"} }
func broadcastKey(n int) Key { return Key{"instance#" + strconv.Itoa(n), "broadcasts"} }

// A user, and the unique values that lead to one.

func userKey(id gitlab.ID) Key { return Key{"user#" + num(id), "user"} }

func usernameKey(username string) Key {
	return Key{"username#" + gitlab.FoldPath(username), "username"}
}
func emailKey(email string) Key { return Key{"email#" + gitlab.FoldPath(email), "email"} }
func ghostKey() Key             { return Key{"ghost", "ghost"} }

// A key (personal or deploy), its fingerprint, and the projects a deploy key is let into. The link lies with the
// key; linkBackKey is its mirror with the project.

func keyKey(id gitlab.ID) Key            { return Key{"key#" + num(id), "key"} }
func fingerprintKey(fp string) Key       { return Key{"fingerprint#" + fp, "fingerprint"} }
func linkKey(key, project gitlab.ID) Key { return Key{"key#" + num(key), "project#" + num(project)} }

func linkBackKey(key, project gitlab.ID) Key {
	return Key{"project#" + num(project), "key#" + num(key)}
}
func sshCAKey(fp string, ns gitlab.ID) Key     { return Key{"sshca#" + fp, "ns#" + num(ns)} }
func sshCABackKey(fp string, ns gitlab.ID) Key { return Key{"ns#" + num(ns), "sshca#" + fp} }

// A namespace; the child of a namespace by its path segment, which is the truth about paths (parent 0 is the top
// level, where every child has a partition of its own); and a full path that shortens the way or is a redirect.

func namespaceKey(id gitlab.ID) Key { return Key{"ns#" + num(id), "namespace"} }

func childKey(parent gitlab.ID, segment string) Key {
	if parent == 0 {
		return Key{"root#" + gitlab.FoldPath(segment), "child"}
	}
	return Key{"ns#" + num(parent), "child#" + gitlab.FoldPath(segment)}
}

func pathKey(fullPath string) Key { return Key{"path#" + gitlab.FoldPath(fullPath), "path"} }

// A project and what lies with it.

func projectKey(id gitlab.ID) Key { return Key{"project#" + num(id), "project"} }

func projectMemberKey(project, user gitlab.ID) Key {
	return Key{"project#" + num(project), "member#" + num(user)}
}

func namespaceMemberKey(ns, user gitlab.ID) Key {
	return Key{"ns#" + num(ns), "member#" + num(user)}
}

// ownerKey lists a member of a namespace who owns it.
func ownerKey(ns, user gitlab.ID) Key { return Key{"ns#" + num(ns), "owner#" + num(user)} }

// container is the partition of a project, or else of a namespace.
func container(project, ns *gitlab.ID) string {
	if project != nil {
		return "project#" + num(*project)
	}
	if ns != nil {
		return "ns#" + num(*ns)
	}
	return "instance"
}

// All protection rules of a project or namespace: one item, with numbered continuations when they outgrow it.

func rulesKey(partition string, part int) Key {
	if part == 0 {
		return Key{partition, "rules"}
	}
	return Key{partition, "rules#" + strconv.Itoa(part)}
}

func refKey(project gitlab.ID, ref string) Key {
	return Key{"project#" + num(project), "ref#" + escapeRef(ref)}
}

func mergeRequestKey(project, iid gitlab.ID) Key {
	return Key{"project#" + num(project), "mr#" + num(iid)}
}

// mergeRequestSourceKey lists a source branch's merge requests in the source project's partition.
func mergeRequestSourceKey(source gitlab.ID, branch string, target, iid gitlab.ID) Key {
	return Key{
		"project#" + num(source),
		"mrsource#" + escapeRef(branch) + "#" + num(target) + "#" + num(iid),
	}
}

// openFromKey notes the open merge requests from a source branch.
func openFromKey(source gitlab.ID, branch string) Key {
	return Key{"project#" + num(source), "mropen#" + escapeRef(branch)}
}

func snippetKey(id gitlab.ID) Key                { return Key{"snippet#" + num(id), "snippet"} }
func policyKey(partition, name string) Key       { return Key{partition, "policy#" + name} }
func samlLinkKey(ns gitlab.ID, group string) Key { return Key{"ns#" + num(ns), "samllink#" + group} }
func agentKey(id gitlab.ID) Key                  { return Key{"agent#" + num(id), "agent"} }
func agentTokenKey(id gitlab.ID) Key             { return Key{"agenttoken#" + num(id), "agenttoken"} }
func personalTokenKey(id gitlab.ID) Key          { return Key{"pat#" + num(id), "pat"} }
func digestKey(digest string) Key                { return Key{"token#" + digest, "token"} }

// A storage limit exclusion; its copy in the order of the ids; and how many there are in each block of ids.

func exclusionKey(ns gitlab.ID) Key { return Key{"exclusions", "ns#" + num(ns)} }

func exclusionOrderKey(id gitlab.ID) Key { return Key{"exclusions", fmt.Sprintf("id#%019d", id)} }
func exclusionCountsKey() Key            { return Key{"exclusions", "counts"} }

// What hangs off a record of another partition is listed with it, so that removing the one finds the other:
// backKey("user#13", "key#101") in the user's partition says that key 101 is the user's.
func backKey(partition, dependent string) Key { return Key{partition, "back#" + dependent} }

// escapeRef makes a sort key of a ref's name, which may hold any bytes: what is not UTF-8, and "%" and "#", become
// %XX, so that different names stay different.
func escapeRef(name string) string {
	if utf8.ValidString(name) && !strings.ContainsAny(name, "%#") {
		return name
	}
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := 0; i < len(name); {
		r, size := utf8.DecodeRuneInString(name[i:])
		if (r == utf8.RuneError && size == 1) || r == '%' || r == '#' {
			b.WriteByte('%')
			b.WriteByte(hex[name[i]>>4])
			b.WriteByte(hex[name[i]&15])
			i++
			continue
		}
		b.WriteString(name[i : i+size])
		i += size
	}
	return b.String()
}

// unescapeRef returns the name that escapeRef made a sort key of.
func unescapeRef(escaped string) string {
	if !strings.Contains(escaped, "%") {
		return escaped
	}
	var b strings.Builder
	for i := 0; i < len(escaped); i++ {
		if code, err := hex.DecodeString(escaped[i:min(i+3, len(escaped))][1:]); escaped[i] == '%' && err == nil && len(code) == 1 {
			b.WriteByte(code[0])
			i += 2
			continue
		}
		b.WriteByte(escaped[i])
	}
	return b.String()
}
