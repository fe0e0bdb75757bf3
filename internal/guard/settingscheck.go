package guard

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

const (
	defaultRecheck = 10 * time.Second
	maxRecheck     = 5 * time.Minute
)

// asymmetric algorithms of RFC 7518 and RFC 8037. HMAC and none have no place where the verifier is not the signer.
var asymmetric = []string{"ES256", "ES384", "ES512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "EdDSA"}

// completeSettings fills in the defaults and refuses what contradicts itself.
func completeSettings(o Options) (Settings, error) {
	s := o.Settings
	if _, err := checkURL("issuer", s.Issuer); err != nil {
		return s, err
	}
	for name, value := range map[string]string{"metadata URL": s.MetadataURL, "JWKS URL": s.JWKSURL,
		"introspection URL": s.Introspection.URL, "userinfo URL": s.Userinfo.URL} {
		if value != "" {
			if _, err := checkURL(name, value); err != nil {
				return s, err
			}
		}
	}
	if s.Leeway < 0 {
		return s, fmt.Errorf("leeway: want zero or more, got %s", s.Leeway)
	}
	if s.RecheckAfter < 0 || s.RecheckAfter > maxRecheck {
		return s, fmt.Errorf("recheck after: want up to %s, got %s", maxRecheck, s.RecheckAfter)
	}
	s.RecheckAfter = orElse(s.RecheckAfter, defaultRecheck)
	s.MetadataIssuer = orElse(s.MetadataIssuer, s.Issuer)
	s.Algorithms = orDefault(s.Algorithms, "ES256", "RS256")
	for _, alg := range s.Algorithms {
		if !slices.Contains(asymmetric, alg) {
			return s, fmt.Errorf("algorithms: want some of %s, got %q", strings.Join(asymmetric, " "), alg)
		}
	}
	s.TokenTypes = orDefault(s.TokenTypes, "at+jwt")
	for i, typ := range s.TokenTypes {
		s.TokenTypes[i] = canonicalType(typ)
	}
	s.ScopeClaims = orDefault(s.ScopeClaims, "scope")
	s.ClientClaims = orDefault(s.ClientClaims, "client_id")
	s.RolesClaim = orDefault(s.RolesClaim, "roles")
	s.Audience = orElse(s.Audience, o.Resource)
	for _, check := range []func(*Settings) error{checkVerification, checkBound, checkScopeNames} {
		if err := check(&s); err != nil {
			return s, err
		}
	}
	return s, nil
}

func checkVerification(s *Settings) error {
	s.Verify = orElse(s.Verify, VerifyJWKS)
	s.Introspection.Auth = orElse(s.Introspection.Auth, AuthBasic)
	switch s.Verify {
	case VerifyJWKS, VerifyUserinfo:
	case VerifyIntrospection, VerifyEither:
		if auth := s.Introspection.Auth; auth != AuthBasic && auth != AuthPost {
			return fmt.Errorf("introspection auth: want %s or %s, got %q", AuthBasic, AuthPost, auth)
		}
		if s.Introspection.ClientID == "" || s.Introspection.Secret == "" {
			return errors.New("introspection: want a client id and a secret, issuers answer nobody else (RFC 7662 section 2.1)")
		}
	default:
		return fmt.Errorf("verify: want %s, %s, %s or %s, got %q", VerifyJWKS, VerifyIntrospection, VerifyUserinfo, VerifyEither, s.Verify)
	}
	return nil
}

// checkBound makes sure that something ties every token to this server.
func checkBound(s *Settings) error {
	s.AudienceMode = orElse(s.AudienceMode, AudienceContains)
	byUserinfo := s.Verify == VerifyUserinfo
	switch s.AudienceMode {
	case AudienceContains, AudienceExact, AudienceClientID, AudienceAbsent, AudienceUnbound:
	default:
		return fmt.Errorf("audience mode: want %s, %s, %s, %s or %s, got %q",
			AudienceContains, AudienceExact, AudienceClientID, AudienceAbsent, AudienceUnbound, s.AudienceMode)
	}
	switch {
	case byUserinfo && (s.AudienceMode != AudienceUnbound || len(s.BoundClients) > 0 || s.BoundScopePrefix != ""):
		return fmt.Errorf("audience mode: want %s with verify %s and nothing bound: a userinfo answer names neither audience, client nor scope",
			AudienceUnbound, VerifyUserinfo)
	case !byUserinfo && s.AudienceMode == AudienceUnbound:
		return fmt.Errorf("audience mode: %s is for verify %s only; want %s with bound clients or a bound scope prefix",
			AudienceUnbound, VerifyUserinfo, AudienceAbsent)
	case s.AudienceMode == AudienceClientID && len(s.BoundClients) == 0:
		return fmt.Errorf("audience mode %s: want bound clients: else a token for any client of the issuer would pass", AudienceClientID)
	case s.AudienceMode == AudienceAbsent && len(s.BoundClients) == 0 && s.BoundScopePrefix == "":
		return fmt.Errorf("audience mode %s: want bound clients or a bound scope prefix: else a token for any API of the issuer would pass", AudienceAbsent)
	}
	return nil
}

func checkScopeNames(s *Settings) error {
	for name, wire := range s.ScopeNames {
		if !isScopeToken(name) || !isScopeToken(s.ScopePrefix+wire) || wire == "" {
			return fmt.Errorf("scope names: want scopes without spaces, quotes and backslashes, got %q for %q", s.ScopePrefix+wire, name)
		}
	}
	s.RolesEffect = orElse(s.RolesEffect, RolesGrant)
	if s.RolesEffect != RolesGrant && s.RolesEffect != RolesLimit {
		return fmt.Errorf("roles effect: want %s or %s, got %q", RolesGrant, RolesLimit, s.RolesEffect)
	}
	if s.RolesEffect == RolesLimit && len(s.RolesToScopes) == 0 {
		return fmt.Errorf("roles effect %s: want scopes of roles, got none", RolesLimit)
	}
	for _, scope := range slices.Concat(slices.Concat(slices.Collect(maps.Values(s.RolesToScopes))...), s.Userinfo.Scopes) {
		if !isScopeToken(scope) {
			return fmt.Errorf("scopes of roles and of userinfo: want scopes without spaces, quotes and backslashes, got %q", scope)
		}
	}
	return nil
}

func orElse[T comparable](value, fallback T) T {
	var zero T
	if value == zero {
		return fallback
	}
	return value
}

func orDefault(list []string, fallback ...string) []string {
	if len(list) == 0 {
		return fallback
	}
	return slices.Clone(list)
}
