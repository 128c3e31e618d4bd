// Package agents stores the data of Kubernetes agents: the agent of a token, configurations, events, findings.
package agents
