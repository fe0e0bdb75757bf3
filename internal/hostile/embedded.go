package hostile

import "crypto"

// embeddedCases bring a key along, or say where to fetch one.
func embeddedCases() []Case {
	const source = "RFC 8725 section 3.10, CVE-2018-0114"
	foreign := signedBy(foreignKey)
	return []Case{
		refused("jwk of the foreign key that signed", source, embedsJWK(foreignKey), foreign),
		refused("jwk of the foreign key, no kid", source, embedsJWK(foreignKey), header("kid", ""), foreign),
		refused("jwk of the honest key", source, embedsJWK(honestKey)),
		refused("jwk null", source, header("jwk", "null")),
		refused("jwk empty", source, header("jwk", "{}"), foreign),
		refused("jku to somebody's key set", source, header("jku", `"$canary/jwks.json"`), foreign),
		refused("jku to somebody's key set, honest signature", source, header("jku", `"$canary/jwks.json"`)),
		refused("jku to the issuer's key set", source, header("jku", `"$issuer/jwks"`)),
		refused("jku that only looks like the issuer", source, header("jku", `"$issuer@127.0.0.1/jwks"`), foreign),
		refused("jku through the issuer's redirect", source, header("jku", `"$issuer/authorize?redirect_uri=$canary/jwks.json"`), foreign),
		refused("jku of a file", source, header("jku", `"file:///etc/passwd"`), foreign),
		refused("jku of data", source, header("jku", `"data:application/json,{}"`), foreign),
		refused("x5u to somebody's certificate", source, header("x5u", `"$canary/cert.pem"`), foreign),
		refused("x5u to somebody's certificate, honest signature", source, header("x5u", `"$canary/cert.pem"`)),
		refused("x5c of the foreign key", source, embedsCertificate(), foreign),
		refused("x5c of the foreign key, no kid", source, embedsCertificate(), header("kid", ""), foreign),
		refused("x5c empty, honest signature", source, header("x5c", "[]")),
		refused("x5c no certificate", source, header("x5c", `["AAAA"]`)),
		refused("jwk in the claims too", source, embedsJWK(foreignKey), claim("jwk", `{"kty":"oct","k":"AAAA"}`), foreign),
		refused("x5t of the foreign certificate", source, header("x5t", `"AAAA"`), header("kid", ""), foreign),
		refused("kid and jku", source, header("kid", `"unknown"`), header("jku", `"$canary/jwks.json"`), foreign),
	}
}

func embedsJWK(choose func(*KeyRing) crypto.Signer) change {
	return func(d *draft) { d.header.set("jwk", string(jwk(choose(d.world.Keys).Public(), "$kid", ""))) }
}

func embedsCertificate() change {
	return func(d *draft) { d.header.set("x5c", `["`+certificate(d.world.Keys.foreign)+`"]`) }
}
