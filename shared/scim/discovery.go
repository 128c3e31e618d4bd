package scim

import (
	"net/http"
	"strings"
)

// Limits of the service, published in its configuration (RFC 7643 section 5).
const (
	MaxOperations = 1000    // in one bulk request
	MaxBulkSize   = 1 << 20 // bytes of one bulk request
	MaxResults    = 100     // resources in one response
)

type supported struct {
	Supported bool `json:"supported"`
}

// ServiceProviderConfig returns the resource that describes the service's features; base is the tenant's URL.
func ServiceProviderConfig(base string) map[string]any {
	return map[string]any{
		"schemas":        []string{configSchema},
		"patch":          supported{true},
		"bulk":           map[string]any{"supported": true, "maxOperations": MaxOperations, "maxPayloadSize": MaxBulkSize},
		"filter":         map[string]any{"supported": true, "maxResults": MaxResults},
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

// ResourceTypes returns the definitions of the resource types (RFC 7643 section 6).
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

// CheckDiscovery rejects a filter: discovery endpoints ignore filters, and a client must not take the full list for a
// filtered one (RFC 7644 section 4). Errors are *Error.
func CheckDiscovery(values map[string]any) error {
	given := member(values, "filter")
	if text, ok := given.(string); given == nil || ok && strings.TrimSpace(text) == "" {
		return nil
	}
	return &Error{Status: http.StatusForbidden, Detail: "Discovery endpoints do not support filters"}
}

func discoveryMeta(kind, location string) map[string]any {
	return map[string]any{"resourceType": kind, "location": location}
}
