package auth

import (
	"errors"
	"net/http"
	"strings"
)

const (
	agentHeader  = "Gitlab-Agent-Api-Request" // newer servers send the bare token here
	bearerHeader = "Authorization"

	longestAgentToken = 1 << 10
)

// Reasons to reject an agent's token before the lookup. They are logged only.
var (
	errNoAgentToken   = errors.New("auth: agent: no token")
	errTwoAgentTokens = errors.New("auth: agent: two different tokens")
	errLongAgentToken = errors.New("auth: agent: token is longer than 1 KB")
)

// AgentToken returns the agent's token from either header. It rejects two different tokens. The caller verifies the token
// in the table.
func AgentToken(h http.Header) (string, error) {
	bare, bearer := only(h[agentHeader]), ""
	if scheme, token, ok := strings.Cut(only(h[bearerHeader]), " "); ok && strings.EqualFold(scheme, "bearer") {
		bearer = strings.TrimSpace(token)
	}
	token := bare
	if token == "" {
		token = bearer
	}
	switch {
	case token == "":
		return "", errNoAgentToken
	case bare != "" && bearer != "" && bare != bearer, len(h[agentHeader]) > 1, len(h[bearerHeader]) > 1:
		return "", errTwoAgentTokens
	case len(token) > longestAgentToken:
		return "", errLongAgentToken
	}
	return token, nil
}

func only(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}
