package starboard

import (
	"context"
	"net/http"

	"postern/shared/agent"
	"postern/shared/gitlab"
	"postern/shared/httpapi"
	"postern/shared/store/agents"
)

// Store is the part of the table that the family uses.
type Store interface {
	agent.Store
	KeepFinding(context.Context, agents.Finding) error
	ResolveFindings(ctx context.Context, agent gitlab.ID, listed map[string]bool) error
	LoadPolicies(context.Context, *gitlab.Container) ([]gitlab.SecurityPolicy, error)
}

// Deps are the dependencies of the family.
type Deps struct {
	Store Store
	KAS   httpapi.Authenticator // verifies kas
	HTTP  httpapi.Options
}

// Routes returns the family's route table. Each handler also checks the agent's token, because only the table can verify
// it.
func Routes(d Deps) []httpapi.Route {
	h := &handler{store: d.Store}
	const base = "/internal/kubernetes/modules/starboard_vulnerability"
	return []httpapi.Route{
		{Method: http.MethodPut, Path: base, Auth: d.KAS, Handler: h.report},
		{Method: http.MethodPost, Path: base + "/scan_result", Auth: d.KAS, Handler: h.scanResult},
		{Method: http.MethodGet, Path: base + "/scan_execution_policies", Auth: d.KAS, Handler: h.policies},
		{Method: http.MethodGet, Path: base + "/policies_configuration", Auth: d.KAS, Handler: h.configuration},
	}
}

// New returns the family as an http.Handler.
func New(d Deps) http.Handler {
	d.HTTP.Family = "starboard"
	return httpapi.New(Routes(d), d.HTTP)
}

type handler struct {
	store Store
}

// unlicensed is the answer for features of the enterprise edition.
func unlicensed(status int, message string) httpapi.Response {
	return httpapi.Response{Status: status, Body: map[string]string{"message": message}}
}
