package sshkeys

import (
	"context"
	"net/http"
	"strings"

	"postern/shared/gitlab"
	"postern/shared/httpapi"
	"postern/shared/requestlog"
	"postern/shared/store"
)

// certificate is the answer to a certificate that lets somebody in: gitlab-shell keeps the login within the namespace.
type certificate struct {
	Success   bool   `json:"success"`
	Namespace string `json:"namespace"`
	Username  string `json:"username"`
}

// The refusals of a certificate; their order is that of the checks (internal API, authorized_certs).
var (
	unknownAuthority = refusal{http.StatusNotFound, "Certificate Not Found"}
	unlicensed       = refusal{http.StatusForbidden, "Feature is not available"}
	unknownUser      = refusal{http.StatusNotFound, "User Not Found"}
	notEnterprise    = refusal{http.StatusForbidden, "Not an Enterprise User of the group"}
)

// refusal is a status and what gitlab-shell shows with it.
type refusal struct {
	status  int
	message string
}

func (r refusal) response() httpapi.Response {
	return httpapi.Response{Status: r.status, Body: map[string]string{"message": r.message}}
}

// authorizedCerts answers which group an authority's certificate confines a user to, and who that is.
func (h *handler) authorizedCerts(ctx context.Context, p *httpapi.Params) (httpapi.Response, error) {
	q, err := decodeCertificate(p)
	if err != nil {
		return httpapi.Response{}, err
	}
	found, err := h.store.LoadCertificateContext(ctx, q)
	if err != nil {
		return httpapi.Response{}, err
	}
	group, refused := judge(&found)
	if refused != nil {
		requestlog.From(ctx).SetDecision("denied", refused.message)
		return refused.response(), nil
	}
	requestlog.From(ctx).SetActor(gitlab.Actor{User: found.User}.GLID())
	requestlog.From(ctx).SetDecision("allowed", "")
	return httpapi.Response{Body: certificate{
		Success:   true,
		Namespace: group.Chain.FullPath(),
		Username:  found.User.Username,
	}}, nil
}

// decodeCertificate reads what sshd has verified: the authority's fingerprint, and the name that the certificate bears.
func decodeCertificate(p *httpapi.Params) (store.CertificateQuery, error) {
	key, keyGiven := p.Text("key")
	identifier, identifierGiven := p.Text("user_identifier")
	namespace, _ := p.ID("namespace_id")
	if err := p.Err(); err != nil {
		return store.CertificateQuery{}, err
	}
	switch {
	case !keyGiven:
		return store.CertificateQuery{}, httpapi.Missing("key")
	case !identifierGiven:
		return store.CertificateQuery{}, httpapi.Missing("user_identifier")
	}
	return store.CertificateQuery{
		Fingerprint: cleanFingerprint(key),
		Identifier:  identifier,
		NamespaceID: namespace,
	}, nil
}

// cleanFingerprint drops what tools write around a fingerprint: the algorithm before it and padding after it.
func cleanFingerprint(key string) string {
	return strings.TrimRight(strings.TrimPrefix(strings.ReplaceAll(key, " ", "+"), "SHA256:"), "=")
}

// judge returns the first group that lets the user in, or why the last one does not.
func judge(c *store.CertificateContext) (*store.TrustedGroup, *refusal) {
	last := &unknownAuthority
	for i := range c.Groups {
		if last = judgeGroup(c, &c.Groups[i]); last == nil {
			return &c.Groups[i], nil
		}
	}
	return nil, last
}

// judgeGroup holds the user against one group that trusts the authority; nil lets in.
func judgeGroup(c *store.CertificateContext, g *store.TrustedGroup) *refusal {
	switch user := c.User; {
	case !c.Settings.Licensed():
		return &unlicensed
	// Whoever is unknown and whoever is no member hear the same, so that nobody learns who has an account.
	case user == nil || !g.Member:
		return &unknownUser
	case user.EnterpriseGroupID == nil || *user.EnterpriseGroupID != g.Chain.Parent().ID:
		return &notEnterprise
	}
	return nil
}
