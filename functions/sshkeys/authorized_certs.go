package sshkeys

import (
	"context"
	"net/http"
	"strings"

	"postern/shared/gitlab"
	"postern/shared/httpapi"
	"postern/shared/requestlog"
	"postern/shared/store/lookup"
)

// certificate is the answer for a valid certificate. gitlab-shell restricts the login to the namespace.
type certificate struct {
	Success   bool   `json:"success"`
	Namespace string `json:"namespace"`
	Username  string `json:"username"`
}

// Rejections of a certificate, in the order of the checks (internal API, authorized_certs).
var (
	unknownAuthority = refusal{http.StatusNotFound, "Certificate Not Found"}
	unlicensed       = refusal{http.StatusForbidden, "Feature is not available"}
	unknownUser      = refusal{http.StatusNotFound, "User Not Found"}
	notEnterprise    = refusal{http.StatusForbidden, "Not an Enterprise User of the group"}
)

// refusal is a status and the message that gitlab-shell shows.
type refusal struct {
	status  int
	message string
}

func (r refusal) response() httpapi.Response {
	return httpapi.Response{Status: r.status, Body: map[string]string{"message": r.message}}
}

// authorizedCerts returns the user of a certificate and the group to which the certificate restricts the login.
func (h *handler) authorizedCerts(ctx context.Context, p *httpapi.Params) (httpapi.Response, error) {
	q, err := decodeCertificate(p)
	if err != nil {
		return httpapi.Response{}, err
	}
	found, err := h.store.LoadCertificateContext(ctx, q)
	if err != nil {
		return httpapi.Response{}, err
	}
	group, refused := trustedGroup(&found)
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

// decodeCertificate reads the authority's fingerprint and the certificate's identity, which sshd has verified.
func decodeCertificate(p *httpapi.Params) (lookup.CertificateQuery, error) {
	key, keyGiven := p.Text("key")
	identifier, identifierGiven := p.Text("user_identifier")
	namespace, _ := p.ID("namespace_id")
	if err := p.Err(); err != nil {
		return lookup.CertificateQuery{}, err
	}
	switch {
	case !keyGiven:
		return lookup.CertificateQuery{}, httpapi.Missing("key")
	case !identifierGiven:
		return lookup.CertificateQuery{}, httpapi.Missing("user_identifier")
	}
	return lookup.CertificateQuery{
		Fingerprint: cleanFingerprint(key),
		Identifier:  identifier,
		NamespaceID: namespace,
	}, nil
}

// cleanFingerprint removes the algorithm prefix and the padding.
func cleanFingerprint(key string) string {
	return strings.TrimRight(strings.TrimPrefix(strings.ReplaceAll(key, " ", "+"), "SHA256:"), "=")
}

// trustedGroup returns the first group that accepts the user, or the rejection by the last one.
func trustedGroup(c *lookup.CertificateContext) (*lookup.TrustedGroup, *refusal) {
	last := &unknownAuthority
	for i := range c.Groups {
		if last = refuse(c, &c.Groups[i]); last == nil {
			return &c.Groups[i], nil
		}
	}
	return nil, last
}

// refuse returns the reason why a trusting group rejects the user, nil for none.
func refuse(c *lookup.CertificateContext, g *lookup.TrustedGroup) *refusal {
	switch user := c.User; {
	case !c.Settings.Licensed():
		return &unlicensed
	// Unknown users and non-members get the same answer, so that it does not reveal accounts.
	case user == nil || !g.Member:
		return &unknownUser
	case user.EnterpriseGroupID == nil || *user.EnterpriseGroupID != g.Chain.Parent().ID:
		return &notEnterprise
	}
	return nil
}
