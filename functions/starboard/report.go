package starboard

import (
	"context"
	"crypto/sha1" //nolint:gosec // identifies, does not protect
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"postern/shared/agent"
	"postern/shared/gitlab"
	"postern/shared/httpapi"
	"postern/shared/store/agents"
)

// namespace is the UUID namespace of findings.
var namespace = uuid.MustParse("58dc0f06-936c-43b3-93bb-71693f1b6570")

// longestPayload limits the stored JSON of a finding in bytes. A table item holds 400 KB.
const longestPayload = 300 << 10

// report stores a finding and returns its uuid (internal API, create Starboard vulnerability). The same finding always has
// the same uuid, so repeated and concurrent reports store it once.
func (h *handler) report(ctx context.Context, p *httpapi.Params) (httpapi.Response, error) {
	loaded, err := agent.Load(ctx, h.store, p, agents.AgentQuery{})
	if err != nil {
		return httpapi.Response{}, err
	}
	body := map[string]any{"vulnerability": p.Value("vulnerability"), "scanner": p.Value("scanner")}
	if mistakes := check(body, loaded.Agent.ID); len(mistakes) > 0 {
		return httpapi.Response{}, httpapi.Invalid(mistakes...)
	}
	if !loaded.Settings.Licensed() {
		return unlicensed(http.StatusForbidden, "403 Forbidden"), nil
	}
	payload, err := json.Marshal(body)
	if err != nil {
		return httpapi.Response{}, fmt.Errorf("encode finding: %w", err)
	}
	if len(payload) > longestPayload {
		return httpapi.Response{}, httpapi.BadRequest("vulnerability is too long")
	}
	id := identify(body, loaded.Agent)
	err = h.store.KeepFinding(ctx, agents.Finding{
		UUID: id, AgentID: loaded.Agent.ID, ProjectID: loaded.Agent.ProjectID, Payload: string(payload),
	})
	if err != nil {
		return httpapi.Response{}, err
	}
	return httpapi.Response{Body: map[string]string{"uuid": id}}, nil
}

// identify returns the uuid of a finding from its identifier and location. Severity, texts and versions do not change it.
func identify(body map[string]any, agent *gitlab.Agent) string {
	value := text(body, "vulnerability", "identifiers", "value")
	// The value is optional, the name is required.
	if value == "" {
		value = text(body, "vulnerability", "identifiers", "name")
	}
	identifier := hash(text(body, "vulnerability", "identifiers", "type") + ":" + value)
	resource := []string{"vulnerability", "location", "kubernetes_resource"}
	in := func(name string) string { return text(body, append(resource[:3:3], name)...) }
	container := in("container_name")
	// The documentation calls the field container, and scanners call it container_name.
	if container == "" {
		container = in("container")
	}
	location := hash(strings.Join([]string{
		strconv.FormatInt(agent.ID, 10), in("namespace"), strings.ToLower(in("kind")), in("name"), container,
		untagged(text(body, "vulnerability", "location", "image")),
		text(body, "vulnerability", "location", "dependency", "package", "name"),
	}, ":"))
	name := fmt.Sprintf("cluster_image_scanning-%s-%s-%d", identifier, location, agent.ProjectID)
	return uuid.NewSHA1(namespace, []byte(name)).String()
}

// untagged returns an image without its tag or digest. A colon before the last slash belongs to a registry's port.
func untagged(image string) string {
	image, _, _ = strings.Cut(image, "@")
	if at := strings.LastIndexByte(image, ':'); at > strings.LastIndexByte(image, '/') {
		return image[:at]
	}
	return image
}

// hash limits the length of a name's parts.
func hash(s string) string {
	sum := sha1.Sum([]byte(s)) //nolint:gosec // used as an identifier, not for security
	return hex.EncodeToString(sum[:])
}

// text returns the string or number at a path, "" if it is missing. In a list it follows the first element.
func text(value any, names ...string) string {
	for _, name := range names {
		if list, ok := value.([]any); ok && len(list) > 0 {
			value = list[0]
		}
		object, _ := value.(map[string]any)
		value = object[name]
	}
	switch v := value.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}
