package mockidp

import (
	"cmp"
	"slices"

	"mcpharness/internal/idp/statefile"
	"mcpharness/internal/idp/store"
)

// recall takes up what an earlier run left in its state file, and chooses the signing key: the configuration's, or the one that
// signed before if it is for the right algorithm, or a new one. Configured clients come before registered ones of the same name.
func (s *Server) recall(state statefile.State, preferred string) error {
	for _, c := range state.Clients {
		if _, configured := s.store.Client(c.ID); !configured {
			s.store.AddClient(c)
		}
	}
	var key store.Key
	wanted := cmp.Or(s.config.SigningAlgorithm, preferred)
	if s.config.SigningKey == "" && len(state.Keys) > 0 && state.Keys[0].Algorithm == wanted {
		key = state.Keys[0]
	} else {
		var err error
		if key, err = s.config.signingKey(preferred); err != nil {
			return err
		}
	}
	for _, old := range slices.Backward(state.Keys) {
		if old.ID != key.ID {
			s.store.Rotate(old)
		}
	}
	s.store.Rotate(key)
	return nil
}
