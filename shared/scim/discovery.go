package scim

import (
	"net/http"
	"strings"
)

// What the service can do (RFC 7643 section 5).
const (
	MostOperations = 1000    // of one bulk request
	LargestBulk    = 1 << 20 // bytes of one
	MostResults    = 100     // resources of one answer
)

// supported says of a feature whether there is one.
type supported struct {
	Supported bool `json:"supported"`
}

// ServiceProviderConfig returns the resource that says what the service can do; base is the tenant's URL.
func ServiceProviderConfig(base string) map[string]any {
	return map[string]any{
		"schemas":        []string{configSchema},
		"patch":          supported{true},
		"bulk":           map[string]any{"supported": true, "maxOperations": MostOperations, "maxPayloadSize": LargestBulk},
		"filter":         map[string]any{"supported": true, "maxResults": MostResults},
		"changePassword": supported{false},
		"sort":           supported{true},
		"etag":           supported{true},
		"authenticationSchemes": []map[string]any{{
			"type": "oauthbearertoken", "name": "SCIM token", "primary": true,
			"description": "The group's or the instance's SCIM token in the header Authorization, behind Bearer.",
		}},
		"meta": discoveryMeta("ServiceProviderConfig", base+"/ServiceProviderConfig"),
	}
}

// ResourceTypes returns the resources that say which types there are (RFC 7643 section 6).
func ResourceTypes(base string) []map[string]any {
	types := make([]map[string]any, len(schemas))
	for i, s := range schemas {
		types[i] = map[string]any{
			"schemas": []string{resourceTypeSchema}, "id": s.name, "name": s.name, "description": s.description,
			"endpoint": "/" + s.plural, "schema": s.id,
			"meta": discoveryMeta("ResourceType", base+"/ResourceTypes/"+s.name),
		}
	}
	return types
}

// Schemas returns the definitions of the schemas (RFC 7643 section 7).
func Schemas(base string) []map[string]any {
	definitions := make([]map[string]any, len(schemas))
	for i, s := range schemas {
		definitions[i] = map[string]any{
			"schemas": []string{schemaSchema}, "id": s.id, "name": s.name, "description": s.description,
			"attributes": s.attributes,
			"meta":       discoveryMeta("Schema", base+"/Schemas/"+s.id),
		}
	}
	return definitions
}

// CheckDiscovery refuses a filter, so that nobody takes all that there is for what the filter selects (RFC 7644 section 4). Errors
// are *Error.
func CheckDiscovery(values map[string]any) error {
	given := member(values, "filter")
	if text, ok := given.(string); given == nil || ok && strings.TrimSpace(text) == "" {
		return nil
	}
	return &Error{Status: http.StatusForbidden, Detail: "What the service says of itself is not filtered"}
}

func discoveryMeta(kind, location string) map[string]any {
	return map[string]any{"resourceType": kind, "location": location}
}
