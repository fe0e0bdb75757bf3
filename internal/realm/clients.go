package realm

import (
	"cmp"
	"crypto/rand"
	"net/url"
	"slices"
	"strings"

	"mcpharness/internal/idp/store"
)

// readClients reads the clients. Keycloak's own consoles are left out, as there is nothing behind them here.
func (t *translation) readClients() (clients []store.Client) {
	seen := map[string]int{}
	var disabled []string
	for o := range t.records("clients", "clientId") {
		id := o.required("clientId")
		if line, twice := seen[id]; twice && id != "" {
			o.fault(o.node.line, o.path, "there is another client %q, on line %d", id, line)
		}
		seen[id] = o.node.line
		if keycloaksOwn(id, t.name) {
			t.unimitate(o.path, "no account console and no administration")
			continue
		}
		if protocol := o.text("protocol"); protocol != "" && protocol != "openid-connect" {
			t.unimitate(o.path, "no SAML, and no protocol but openid-connect")
			continue
		}
		c := t.readClient(o)
		if c.Disabled = !o.flag("enabled", true); c.Disabled {
			disabled = append(disabled, id)
		}
		o.rest("client")
		clients = append(clients, c)
	}
	t.remark(disabled, "not enabled in the file, so good for nothing")
	for client, at := range t.mentions {
		if _, known := seen[client]; !known && !keycloaksOwn(client, t.name) {
			t.fault(at.line, at.path, "client %q is none of the file's clients", client)
		}
	}
	return clients
}

func keycloaksOwn(clientID, realm string) bool {
	_, own := ownClients[clientID]
	return own || clientID == realm+"-realm"
}

func (t *translation) readClient(o record) store.Client {
	attributes := o.record("attributes")
	bearer := o.flag("bearerOnly", false)
	c := store.Client{
		BearerOnly: bearer,
		ID:         o.text("clientId"), Name: cmp.Or(o.text("name"), o.text("clientId")), AuthMethod: store.AuthBasic, ThirdParty: o.flag("consentRequired", false),
		RedirectURIs: t.redirects(o), Mappers: t.readMappers(o),
		ResourceURL: attributes.text("resource_url"), PushOnly: attributes.flag("require.pushed.authorization.requests", false),
		AccessTokenLifetime: attributes.seconds("access.token.lifespan", 0), Session: ownSession(attributes),
	}
	for _, name := range o.texts("defaultRoles") { // of old files
		t.roles[defaultRole(t.name)] = append(t.roles[defaultRole(t.name)], store.Role{Client: c.ID, Name: name})
	}
	t.readAuthentication(o, attributes, &c)
	if o.flag("standardFlowEnabled", true) && !bearer {
		c.GrantTypes = append(c.GrantTypes, "authorization_code")
	}
	if o.flag("directAccessGrantsEnabled", false) && !bearer {
		c.GrantTypes = append(c.GrantTypes, "password")
	}
	if attributes.flag("use.refresh.tokens", true) && len(c.GrantTypes) > 0 {
		c.GrantTypes = append(c.GrantTypes, "refresh_token")
	}
	madeAccount := false
	signsItselfIn := o.flag("serviceAccountsEnabled", false) && !bearer && c.AuthMethod != store.AuthNone
	if signsItselfIn {
		c.GrantTypes = append(c.GrantTypes, "client_credentials")
		c.Account = t.accounts[c.ID]
		if c.Account == "" {
			t.accounts[c.ID] = ""
			c.Account = "service-account-" + strings.ToLower(c.ID)
			madeAccount = true
		}
	}
	method := attributes.text("pkce.code.challenge.method")
	switch method {
	case "":
		c.Challenge = store.AnyChallenge
	case "S256":
	case "plain":
		c.Challenge = method
	default:
		attributes.fault(attributes.line("pkce.code.challenge.method"), join(attributes.path, "pkce.code.challenge.method"), "want S256 or plain, or leave it out, got %q", method)
	}
	if attributes.flag("access.token.header.type.rfc9068", false) {
		c.TokenType = "at+jwt"
	}
	t.readWeb(o, attributes, &c)
	t.giveScopes(o, &c, madeAccount)
	attributes.rest("attributes of a client")
	return c
}

// readAuthentication reads how a client proves who it is.
func (t *translation) readAuthentication(o, attributes record, c *store.Client) {
	secret := o.text("secret")
	switch kind := o.text("clientAuthenticatorType"); {
	case o.flag("publicClient", false):
		c.AuthMethod = store.AuthNone
	case kind == "client-jwt":
		c.AuthMethod = store.AuthKey
		c.SigningAlgorithm = attributes.text("token.endpoint.auth.signing.alg")
		if attributes.flag("use.jwks.url", false) {
			c.KeysURI = attributes.text("jwks.url")
		} else {
			c.Keys = []byte(attributes.text("jwks.string"))
		}
		if c.KeysURI == "" && len(c.Keys) == 0 {
			t.unimitate(join(o.path, "clientAuthenticatorType"), "no client certificates, so nobody can be this client: write its keys into attributes, use.jwks.string and jwks.string")
		}
	case kind != "" && kind != "client-secret":
		t.unimitate(join(o.path, "clientAuthenticatorType"), "no client authentication "+kind+", so nobody can be this client")
	case secret == "" && !o.flag("bearerOnly", false):
		t.remarks = append(t.remarks, o.path+" has no secret in the file: Keycloak makes one up, here nobody knows it. Write \"secret\", or \"publicClient\": true")
	case strings.Trim(secret, "*") == "" && secret != "":
		t.remarks = append(t.remarks, o.path+" has a secret of asterisks, as exports by the admin console have it: write the real one")
	}
	for _, name := range []string{"use.jwks.url", "jwks.url", "use.jwks.string", "jwks.string", "token.endpoint.auth.signing.alg"} {
		attributes.member(name) // read, if need be
	}
	c.SecretHash = store.HashSecret(cmp.Or(secret, rand.Text()))
}

// redirects are the redirect URIs. Keycloak puts rootUrl before those that begin with a slash.
func (t *translation) redirects(o record) (uris []string) {
	root := strings.TrimSuffix(o.text("rootUrl"), "/")
	for _, uri := range o.texts("redirectUris") {
		if !strings.HasPrefix(uri, "/") {
			uris = append(uris, uri)
			continue
		}
		if root == "" || strings.HasPrefix(root, "${") {
			t.unimitate(o.path+".redirectUris", "no redirect URIs below the realm itself")
			continue
		}
		uris = append(uris, root+uri)
	}
	return uris
}

// readWeb reads where the client's pages are, and where a sign-out may lead to. A plus stands for the redirect URIs.
func (t *translation) readWeb(o, attributes record, c *store.Client) {
	ofRedirects := origins(c.RedirectURIs)
	if !o.has("webOrigins") { // measured: of redirect URIs that the file has whole
		c.WebOrigins = origins(o.texts("redirectUris"))
	}
	for _, origin := range o.texts("webOrigins") {
		if origin == "+" {
			c.WebOrigins = append(c.WebOrigins, ofRedirects...)
		} else {
			c.WebOrigins = append(c.WebOrigins, strings.TrimSuffix(origin, "/"))
		}
	}
	slices.Sort(c.WebOrigins)
	c.WebOrigins = slices.Compact(c.WebOrigins)
	for uri := range strings.SplitSeq(cmp.Or(attributes.text("post.logout.redirect.uris"), "+"), "##") {
		switch uri {
		case "+":
			c.LogoutURIs = append(c.LogoutURIs, c.RedirectURIs...)
		case "-", "":
		default:
			c.LogoutURIs = append(c.LogoutURIs, uri)
		}
	}
}

func origins(uris []string) (origins []string) {
	for _, uri := range uris {
		u, err := url.Parse(strings.TrimSuffix(uri, "*"))
		if err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && !slices.Contains(origins, u.Scheme+"://"+u.Host) {
			origins = append(origins, u.Scheme+"://"+u.Host)
		}
	}
	return origins
}

// giveScopes gives a client its scopes: those that it names, or the realm's where it names neither kind. One more is for a client whose
// account is made; measured: not where the file has the account.
func (t *translation) giveScopes(o record, c *store.Client, madeAccount bool) {
	if o.has("defaultClientScopes") || o.has("optionalClientScopes") {
		c.DefaultScopes, c.OptionalScopes = t.knownScopes(o, "defaultClientScopes"), t.knownScopes(o, "optionalClientScopes")
	} else {
		c.DefaultScopes, c.OptionalScopes = slices.Clone(t.defaults), slices.Clone(t.optional)
		if madeAccount && t.isScope(accountScope) {
			c.DefaultScopes = append(c.DefaultScopes, accountScope)
		}
	}
	c.AllRoles = o.flag("fullScopeAllowed", !c.ThirdParty)
	scope := slices.Clone(t.inScope[c.ID])
	for role := range t.roles {
		if role.Client == c.ID {
			scope = append(scope, role)
		}
	}
	c.RoleScope = t.roles.expanded(scope)
	slices.SortFunc(c.RoleScope, func(a, b store.Role) int { return cmp.Or(cmp.Compare(a.Client, b.Client), cmp.Compare(a.Name, b.Name)) })
}

// accountScope is the client scope of clients that sign themselves in.
const accountScope = "service_account"
