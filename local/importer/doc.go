// Package importer builds a directory document from a running GitLab, over its public REST API. It reads users with their keys,
// groups, projects, memberships, protected branches and tags, deploy keys and agents.
//
// It reads as an administrator, because other users do not see everything. It writes the answers to a journal beside the document
// first. An interrupted import continues from the journal. The document is written from the complete journal. The package depends on
// GitLab's API and on the document's fields, and not on the table.
package importer
