// Package importer builds a directory document from a running GitLab, over its public REST API: users with their keys,
// groups, projects, memberships, protected branches and tags, deploy keys and agents.
//
// It asks as an administrator, since nobody else sees everything, and only reads. What it is told goes into a journal beside
// the document first, so that an import can be cut off anywhere and goes on where it was; the document is written from
// the journal once that is whole. It knows GitLab's API and the document's fields, and nothing of the table.
package importer
