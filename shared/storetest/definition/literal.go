package definition

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// literal checks that all properties are known and that the used ones contain no intrinsic function, short (!Ref) or long
// (Fn::If). Only CloudFormation can evaluate those.
func literal(properties *yaml.Node) error {
	if properties.Kind != yaml.MappingNode {
		return fmt.Errorf("Resources.Table: %w", ErrNoTable)
	}
	for i := 0; i+1 < len(properties.Content); i += 2 {
		name, value := properties.Content[i], properties.Content[i+1]
		used, known := understood[name.Value]
		if !known {
			return fmt.Errorf("Resources.Table (line %d): property %s is unknown", name.Line, name.Value)
		}
		if !used {
			continue
		}
		if found := function(value); found != nil {
			return fmt.Errorf("Resources.Table.%s (line %d): must be a plain literal", name.Value, found.Line)
		}
	}
	return nil
}

// function returns the first intrinsic function in n, nil for none.
func function(n *yaml.Node) *yaml.Node {
	if strings.HasPrefix(n.Tag, "!") && !strings.HasPrefix(n.Tag, "!!") {
		return n
	}
	for i, child := range n.Content {
		isName := n.Kind == yaml.MappingNode && i%2 == 0
		if isName && (child.Value == "Ref" || strings.HasPrefix(child.Value, "Fn::")) {
			return child
		}
		if found := function(child); found != nil {
			return found
		}
	}
	return nil
}
