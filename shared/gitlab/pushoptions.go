package gitlab

import (
	"slices"
	"strings"
)

// PushOptions are the options of a push that mean something, by namespace and key (internal API, post_receive). An option
// without a value, or with an empty one, is true; those that may repeat collect their different values in order.
type PushOptions map[string]map[string][]string

// pushOptionKeys are the options that are known; others are ignored.
var pushOptionKeys = map[string][]string{
	"ci": {"skip", "variable"},
	"merge_request": {
		"create", "target", "target_project", "title", "description", "draft", "label", "unlabel", "assign", "unassign",
		"milestone", "merge_when_pipeline_succeeds", "auto_merge", "remove_source_branch", "squash",
	},
	"integrations":           {"skip_ci"},
	"secret_detection":       {"skip_all"},
	"secret_push_protection": {"skip_all"},
}

// repeatable are the keys whose options add up; of the others the last one counts.
var repeatable = []string{"variable", "label", "unlabel", "assign", "unassign"}

// ParsePushOptions parses options of the form "namespace.key=value". "mr" is an alias of "merge_request". White space around
// namespace, key and value is stripped.
func ParsePushOptions(given []string) PushOptions {
	options := PushOptions{}
	seen := map[[3]string]bool{}
	for _, option := range given {
		name, value, _ := strings.Cut(option, "=")
		namespace, key, _ := strings.Cut(name, ".")
		namespace, key, value = strings.TrimSpace(namespace), strings.TrimSpace(key), strings.TrimSpace(value)
		if namespace == "mr" {
			namespace = "merge_request"
		}
		if !slices.Contains(pushOptionKeys[namespace], key) {
			continue
		}
		if options[namespace] == nil {
			options[namespace] = map[string][]string{}
		}
		switch one := [3]string{namespace, key, value}; {
		case !slices.Contains(repeatable, key):
			options[namespace][key] = []string{value}
		// A push may have 100,000 options, so duplicates are found by a set.
		case !seen[one]:
			seen[one] = true
			options[namespace][key] = append(options[namespace][key], value)
		}
	}
	return options
}

// Has reports whether an option was given.
func (o PushOptions) Has(namespace, key string) bool { return len(o[namespace][key]) > 0 }

// Get returns the value of an option, "" when it was not given or is true.
func (o PushOptions) Get(namespace, key string) string {
	if values := o[namespace][key]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// Values returns the options as an event tells of them: true, a text, or a list of texts.
func (o PushOptions) Values() map[string]map[string]any {
	all := make(map[string]map[string]any, len(o))
	for namespace, keys := range o {
		all[namespace] = make(map[string]any, len(keys))
		for key, values := range keys {
			switch {
			case slices.Contains(repeatable, key):
				all[namespace][key] = values
			case values[0] == "":
				all[namespace][key] = true
			default:
				all[namespace][key] = values[0]
			}
		}
	}
	return all
}
