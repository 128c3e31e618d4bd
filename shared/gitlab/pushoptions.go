package gitlab

import (
	"slices"
	"strings"
)

// PushOptions are the options of a push that mean something, by namespace and key (internal API, post_receive). An option
// without a value, or with an empty one, is true; those that may repeat collect their different values in order.
type PushOptions map[string]map[string][]string

// pushOptionKeys are the options that are known; the others are passed over without a word.
var pushOptionKeys = map[string][]string{
	"ci": {"skip", "variable"},
	"merge_request": {
		"create", "target", "target_project", "title", "description", "draft", "label", "unlabel", "assign", "unassign",
		"milestone", "merge_when_pipeline_succeeds", "remove_source_branch", "squash",
	},
	"integrations":     {"skip_ci"},
	"secret_detection": {"skip_all"},
}

// repeatable are the keys whose options add up; of the others the last one counts.
var repeatable = []string{"variable", "label", "unlabel", "assign", "unassign"}

// ParsePushOptions reads options as they were given, "namespace.key=value"; "mr" is another name of "merge_request".
func ParsePushOptions(given []string) PushOptions {
	options := PushOptions{}
	for _, option := range given {
		name, value, _ := strings.Cut(option, "=")
		namespace, key, _ := strings.Cut(name, ".")
		if namespace == "mr" {
			namespace = "merge_request"
		}
		if slices.Contains(pushOptionKeys[namespace], key) {
			options.add(namespace, key, value)
		}
	}
	return options
}

func (o PushOptions) add(namespace, key, value string) {
	if o[namespace] == nil {
		o[namespace] = map[string][]string{}
	}
	switch values := o[namespace][key]; {
	case !slices.Contains(repeatable, key):
		o[namespace][key] = []string{value}
	case !slices.Contains(values, value):
		o[namespace][key] = append(values, value)
	}
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
