// Package agents is the endpoint family that kas calls for connected agents. It identifies an agent by its token, returns
// the Gitaly address of projects, and counts usage. Reports of vulnerabilities belong to package starboard.
package agents
