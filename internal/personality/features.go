package personality

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Features are what a provider can do and does not by default. Each is its name at the provider.
type Features struct {
	// TargetFilter keeps, of the audiences that mappers write, the one that a client asks for by resource (TargetFilter).
	TargetFilter string
	// ClientDocuments takes a URL as a client_id, where a policy of the realm file allows it.
	ClientDocuments string
}

// With returns the personality with features turned on. It fails on one that the provider has not.
func (p Personality) With(names []string) (Personality, error) {
	for _, name := range names {
		switch {
		case name != "" && name == p.Features.TargetFilter:
			p.Target = TargetFilter
		case name != "" && name == p.Features.ClientDocuments:
			p = p.withDocuments()
		default:
			return p, fmt.Errorf("%s has no feature %q; %s", p.Name, name, p.Features.known())
		}
	}
	return p, nil
}

// withDocuments turns client documents on. The metadata tell of it, and of the method of clients without a secret.
func (p Personality) withDocuments() Personality {
	p.ClientDocuments = true
	p.Omitted = slices.DeleteFunc(slices.Clone(p.Omitted), func(name string) bool { return name == "client_id_metadata_document_supported" })
	p.Advertised = maps.Clone(p.Advertised)
	for name, value := range p.Advertised {
		if methods, is := value.([]string); is && strings.HasSuffix(name, "_auth_methods_supported") {
			p.Advertised[name] = append(slices.Clone(methods), "none")
		}
	}
	return p
}

// Names lists them; nil: there are none.
func (f Features) Names() (names []string) {
	for _, name := range []string{f.TargetFilter, f.ClientDocuments} {
		if name != "" {
			names = append(names, name)
		}
	}
	return names
}

func (f Features) known() string {
	if names := f.Names(); names != nil {
		return "want one of " + strings.Join(names, ", ")
	}
	return "it has none that can be turned on"
}
