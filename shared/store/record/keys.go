package record

import (
	"postern/shared/gitlab"
	"postern/shared/store/layout"
	"postern/shared/table"
)

func linkBackKey(key, project gitlab.ID) table.Key {
	return table.Key{PK: "project#" + table.ID(project), SK: "key#" + table.ID(key)}
}

func sshCABackKey(fp string, ns gitlab.ID) table.Key {
	return table.Key{PK: "ns#" + table.ID(ns), SK: "sshca#" + fp}
}

// mergeRequestSourceKey lists a source branch's merge requests in the source project's partition.
func mergeRequestSourceKey(source gitlab.ID, branch string, target, iid gitlab.ID) table.Key {
	return table.Key{
		PK: "project#" + table.ID(source),
		SK: "mrsource#" + layout.EscapeRef(branch) + "#" + table.ID(target) + "#" + table.ID(iid),
	}
}

func samlLinkKey(ns gitlab.ID, group string) table.Key {
	return table.Key{PK: "ns#" + table.ID(ns), SK: "samllink#" + group}
}

// ownNamespaceKey holds which namespace is the user's personal one: there is one at most.
func ownNamespaceKey(user gitlab.ID) table.Key {
	return table.Key{PK: "user#" + table.ID(user), SK: "namespace"}
}
