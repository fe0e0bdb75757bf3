package mockidp

import (
	"fmt"
	"strings"

	"mcpharness/internal/personality"
)

// Imitated is a provider that a server can stand in for.
type Imitated struct {
	Name       string   // for Options.As
	What       string   // product and configuration
	Version    string   // the version that was looked at
	Sure       string   // how well it is known: measured, or from documentation
	IssuerPath string   // what follows scheme and host in its issuer
	Realms     bool     // it takes Options.Realm
	Features   []string // for Options.Features
	OneTarget  bool     // tokens are for the configuration's default resource, whatever a client asks for
	Registers  bool     // clients may register themselves
	Algorithm  string   // what it signs with where the configuration names none (a JWS "alg")
}

// Personalities lists what Options.As takes, the strict server of this project first.
func Personalities() []Imitated {
	var all []Imitated
	for _, p := range personality.All() {
		all = append(all, Imitated{Name: p.Name, What: p.Description, Version: p.Version, Sure: string(p.Sure), IssuerPath: p.IssuerPath, Realms: p.Realms != "", Features: p.Features.Names(), OneTarget: oneTarget(p.Target), Registers: p.Paths.Register != "", Algorithm: p.SigningAlgorithm})
	}
	return all
}

func oneTarget(t personality.Target) bool {
	return t == personality.TargetConfigured || t == personality.TargetConfiguredAlways
}

// personalityNamed finds a personality; the empty name is strict.
func personalityNamed(name string) (personality.Personality, error) {
	var names []string
	for _, p := range personality.All() {
		if p.Name == name || name == "" {
			return p, nil
		}
		names = append(names, p.Name)
	}
	return personality.Personality{}, fmt.Errorf("no personality is called %q; want one of %s", name, strings.Join(names, ", "))
}

// Audience returns what aud of an access token says for a resource: the resource itself, or what the personality writes in its
// place; "" where tokens have no aud.
func (s *Server) Audience(resource string) string { return s.handler.Audience(resource) }
