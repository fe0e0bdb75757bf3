package personality

// OpaqueTokens is nobody in particular: the letter of the RFCs like strict, but no client and no resource server can read an access
// token, as with Google, Ory Hydra and ZITADEL by default (from documentation, not run). Resource servers ask by introspection.
func OpaqueTokens() Personality {
	p := Strict()
	p.Name = "opaque"
	p.Description = "strict, with access tokens that only introspection and userinfo can read"
	p.Version = "RFC 7662; Google, Ory Hydra and ZITADEL as documented in November 2026"
	p.Sure = Documented
	p.AccessToken.Format = Opaque
	return p
}
