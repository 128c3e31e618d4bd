// Package agents is the endpoint family that kas calls for the agents that are connected to it: whose token is this,
// where does Gitaly have its project, and what was used. It does not know what agents find in clusters; that is starboard.
package agents
