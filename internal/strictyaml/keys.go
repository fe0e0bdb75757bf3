package strictyaml

import "go.yaml.in/yaml/v3"

// Keys returns the top-level keys of the first document of a file, in its order, or nil where there is no mapping. It judges
// nothing: that is Decode's part.
func Keys(data []byte) []string {
	var document yaml.Node
	if yaml.Unmarshal(data, &document) != nil || len(document.Content) == 0 || document.Content[0].Kind != yaml.MappingNode {
		return nil
	}
	var keys []string
	for i, node := range document.Content[0].Content {
		if i%2 == 0 {
			keys = append(keys, node.Value)
		}
	}
	return keys
}
