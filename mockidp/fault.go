package mockidp

import (
	"net/http"

	"mcpharness/internal/idp/fault"
	"mcpharness/internal/personality"
)

// Fault is a way in which a server can misbehave, so that a test can see what a client or a resource server makes of it.
type Fault struct {
	Name string // for Options.Faults
	What string // what a client meets
}

// Faults lists what Options.Faults takes, in the order of a flow.
func Faults() []Fault {
	var all []Fault
	for _, f := range fault.All() {
		all = append(all, Fault{Name: f.Name, What: f.What})
	}
	return all
}

func (s *Server) behindFaults(names []string, paths personality.Paths) (http.Handler, error) {
	return fault.Wrap(fault.Site{
		Issuer: s.issuer, Authorize: s.handler.PathOf(paths.Authorize), Token: s.handler.PathOf(paths.Token), Register: s.handler.PathOf(paths.Register),
		Redirects: func(clientID string) []string {
			client, known := s.store.Client(clientID)
			if !known {
				return nil
			}
			return client.RedirectURIs
		},
	}, s.handler, names)
}
