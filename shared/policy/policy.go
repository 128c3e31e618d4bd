// Package policy parses scan execution policies from YAML. Its errors name the line.
package policy

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"postern/shared/gitlab"
)

// document has the keys of a policy that the package uses. Other keys are ignored.
type document struct {
	Name        string `yaml:"name"`
	Description string `yaml:"description"`
	Enabled     *bool  `yaml:"enabled"`
	Actions     []struct {
		Scan string `yaml:"scan"`
	} `yaml:"actions"`
	Rules []yaml.Node `yaml:"rules"`
}

type rule struct {
	Type     string   `yaml:"type"`
	Branches []string `yaml:"branches"`
	Cadence  string   `yaml:"cadence"`
	Agents   map[string]struct {
		Namespaces []string `yaml:"namespaces"`
	} `yaml:"agents"`
}

// cadence matches five fields of cron, or a word such as @daily.
var cadence = regexp.MustCompile(`^(@[a-z]+|[-0-9A-Za-z*/,?]+( +[-0-9A-Za-z*/,?]+){4}( +\S+)?)$`)

var errNotMapping = errors.New("line 1: must be a mapping")

// Read parses the policy's YAML into its other fields. Its errors begin with the line: "line 3: ...".
func Read(p *gitlab.SecurityPolicy) error {
	var node yaml.Node
	if err := yaml.Unmarshal([]byte(p.YAML), &node); err != nil {
		return worded(err)
	}
	// An empty text has no content. A list or a single word is not a policy.
	if len(node.Content) != 1 || node.Content[0].Kind != yaml.MappingNode {
		return errNotMapping
	}
	var doc document
	if err := node.Decode(&doc); err != nil {
		return worded(err)
	}
	// Reset all fields: the policy may hold values of an earlier text.
	p.Description, p.SwitchedOff, p.Schedules = doc.Description, doc.Enabled != nil && !*doc.Enabled, nil
	for i := range doc.Rules {
		if err := readRule(p, &doc.Rules[i]); err != nil {
			return err
		}
	}
	return nil
}

// readRule checks one rule and stores its schedule.
func readRule(p *gitlab.SecurityPolicy, node *yaml.Node) error {
	var r rule
	if err := node.Decode(&r); err != nil {
		return worded(err)
	}
	switch {
	// GitLab runs pipelines. Only schedules concern agents.
	case r.Type == "pipeline":
		return nil
	case r.Type != "schedule":
		return fmt.Errorf("line %d: a rule's type must be pipeline or schedule", node.Line)
	case !cadence.MatchString(r.Cadence):
		return fmt.Errorf("line %d: a schedule's cadence must be five fields of cron", node.Line)
	}
	schedule := gitlab.PolicySchedule{Cadence: r.Cadence}
	for name, agent := range r.Agents {
		// A schedule without agents keeps a nil map, so that it is stored without one.
		if schedule.Agents == nil {
			schedule.Agents = map[string][]string{}
		}
		schedule.Agents[name] = append([]string{}, agent.Namespaces...)
	}
	p.Schedules = append(p.Schedules, schedule)
	return nil
}

// worded reduces a parser's error to the line and the message.
func worded(err error) error {
	var wrong *yaml.TypeError
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	if errors.As(err, &wrong) && len(wrong.Errors) > 0 {
		text = wrong.Errors[0]
	}
	if !strings.HasPrefix(text, "line ") {
		text = "line 1: " + text
	}
	return errors.New(text)
}
