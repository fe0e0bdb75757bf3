package engine

import (
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"mcpharness/internal/idp/store"
)

// signers keeps a go-jose signer for the current key and each typ, as making one costs more than using it.
type signers struct {
	store *store.Store
	mu    sync.Mutex
	kid   string
	byTyp map[string]jose.Signer
}

func newSigners(s *store.Store) *signers { return &signers{store: s} }

func (s *signers) sign(typ string, claims any) (string, error) {
	signer, err := s.forType(typ)
	if err != nil {
		return "", fmt.Errorf("preparing the signing key: %w", err)
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", fmt.Errorf("encoding claims: %w", err)
	}
	object, err := signer.Sign(payload)
	if err != nil {
		return "", fmt.Errorf("signing: %w", err)
	}
	return object.CompactSerialize()
}

func (s *signers) forType(typ string) (jose.Signer, error) {
	key := s.store.SigningKey()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kid != key.ID {
		s.kid, s.byTyp = key.ID, map[string]jose.Signer{}
	}
	if signer, ok := s.byTyp[typ]; ok {
		return signer, nil
	}
	options := &jose.SignerOptions{}
	if typ != "" {
		options.WithType(jose.ContentType(typ))
	}
	signer, err := jose.NewSigner(
		jose.SigningKey{Algorithm: jose.SignatureAlgorithm(key.Algorithm), Key: jose.JSONWebKey{Key: key.Signer, KeyID: key.ID}}, options)
	if err != nil {
		return nil, err
	}
	s.byTyp[typ] = signer
	return signer, nil
}

// JWKS returns the published keys (RFC 7517), the signing key first.
func (e *Engine) JWKS() jose.JSONWebKeySet {
	var set jose.JSONWebKeySet
	for _, k := range e.Store.Keys() {
		set.Keys = append(set.Keys, e.certified(jose.JSONWebKey{Key: k.Signer.Public(), KeyID: k.ID, Algorithm: k.Algorithm, Use: "sig"}))
	}
	for _, decoy := range e.decoys {
		set.Keys = append(set.Keys, e.certified(decoy))
	}
	return set
}

// verified reads the claims of a token that this server signed with a published key.
func (e *Engine) verified(token string, claims any, types ...string) error {
	var algorithms []jose.SignatureAlgorithm
	for _, k := range e.Store.Keys() {
		algorithms = append(algorithms, jose.SignatureAlgorithm(k.Algorithm))
	}
	parsed, err := jwt.ParseSigned(token, algorithms)
	if err != nil {
		return err
	}
	header := parsed.Headers[0]
	if got, _ := header.ExtraHeaders[jose.HeaderType].(string); !slices.Contains(types, got) {
		return fmt.Errorf("typ: want %q, got %q", types, got)
	}
	for _, k := range e.Store.Keys() {
		if k.ID == header.KeyID && k.Algorithm == header.Algorithm {
			return parsed.Claims(k.Signer.Public(), claims)
		}
	}
	return fmt.Errorf("kid %q is not published", header.KeyID)
}
