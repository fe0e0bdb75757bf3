package engine

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"mcpharness/internal/idp/store"
)

// mapping is what mappers write from and into.
type mapping struct {
	client *store.Client
	person store.Person
	grant  store.Grant
	from   string       // the client's address
	roles  []store.Role // those that the token tells of
	claims map[string]any
	aud    []string
}

// Told are the claims that an access token makes known at a place other than itself, by the mappers of its scopes.
func (e *Engine) Told(a *AccessToken, place store.Places) map[string]any {
	s := &session{grant: a.grant, scopes: slices.Clone(a.Scopes)}
	s.grant.ClientID, s.grant.Username = a.ClientID, a.Person.Username
	if a.Person.AccountOf != "" {
		s.grant.Username = ""
	}
	if c, known := e.Store.Client(a.ClientID); known { // the token names no hidden scopes
		for _, scope := range c.DefaultScopes {
			if !e.shown(scope) && e.Catalog.permits(a.Person, scope) {
				s.scopes = append(s.scopes, scope)
			}
		}
	}
	return e.mapped(s, place)
}

// mapped are the claims that the mappers of the session's scopes, and the client's own, write into a place. aud is a string, or an
// array where there are several.
func (e *Engine) mapped(s *session, place store.Places) map[string]any {
	client, known := e.Store.Client(s.grant.ClientID)
	if !known {
		return nil
	}
	m := e.mapping(s, client, place)
	if s.audience != "" && place == store.InAccessToken { // the one that the client asked for
		m.aud = []string{s.audience}
	}
	if aud := audClaim(m.aud); aud != nil {
		m.claims["aud"] = aud
	}
	return m.claims
}

// audClaim is nil, a string, or an array where there are several.
func audClaim(audiences []string) any {
	switch len(audiences) {
	case 0:
		return nil
	case 1:
		return audiences[0]
	}
	return audiences
}

func (e *Engine) mapping(s *session, client *store.Client, place store.Places) mapping {
	m := mapping{client: client, grant: s.grant, from: s.address, claims: map[string]any{}}
	m.person, _ = e.speaksFor(s.grant)
	m.roles = e.rolesTold(client, m.person, s.scopes)
	var mappers []store.Mapper
	for _, name := range s.scopes {
		if scope, known := e.Catalog.clientScope(name); known {
			mappers = append(mappers, scope.Mappers...)
		}
	}
	mappers = append(mappers, client.Mappers...) // the last word is the client's own
	for _, mapper := range mappers {
		if mapper.In&place != 0 {
			m.write(mapper)
		}
	}
	return m
}

// mapIntoIDToken adds what mappers write; audiences come beside the client, which is the first one of every ID token.
func (e *Engine) mapIntoIDToken(claims map[string]any, s *session) {
	mapped := e.mapped(s, store.InIDToken)
	audiences := []string{s.grant.ClientID}
	switch more := mapped["aud"].(type) {
	case string:
		audiences = append(audiences, more)
	case []string:
		audiences = append(audiences, more...)
	}
	delete(mapped, "aud")
	delete(claims, "auth_time") // for mappers
	maps.Copy(claims, mapped)
	if len(audiences) > 1 {
		claims["aud"] = audiences
	}
}

// rolesTold are the roles of a person that a client's tokens tell of: all, or the client's own, those in its scope, and those that
// the granted scopes are for.
func (e *Engine) rolesTold(c *store.Client, p store.Person, scopes []string) []store.Role {
	if c.AllRoles {
		return p.AllRoles()
	}
	inScope := slices.Clone(c.RoleScope)
	for _, name := range scopes {
		if scope, known := e.Catalog.clientScope(name); known {
			inScope = append(inScope, scope.Roles...)
		}
	}
	return slices.DeleteFunc(p.AllRoles(), func(r store.Role) bool { return r.Client != c.ID && !slices.Contains(inScope, r) })
}

func (m *mapping) write(mapper store.Mapper) {
	switch mapper.Source {
	case store.FromAudience:
		m.addAudience(mapper.Value)
	case store.FromRoleAudiences:
		for _, role := range m.roles {
			if role.Client != "" && role.Client != m.client.ID {
				m.addAudience(role.Client)
			}
		}
	case store.FromSubject:
		m.set([]string{"sub"}, m.person.Subject)
	case store.FromAttribute:
		m.texts(mapper, m.person.Attribute(mapper.Value))
	case store.FromFullName:
		if name := strings.TrimSpace(m.person.GivenName + " " + m.person.FamilyName); name != "" {
			m.set([]string{"name"}, name)
		}
	case store.FromRealmRoles:
		m.roleNames(mapper, "")
	case store.FromClientRoles:
		m.clientRoles(mapper)
	case store.FromGroups:
		m.groups(mapper)
	case store.FromOrigins:
		if len(m.client.WebOrigins) > 0 {
			m.set([]string{"allowed-origins"}, m.client.WebOrigins)
		}
	case store.FromSession:
		m.texts(mapper, m.note(mapper.Value))
	case store.FromLevel:
		m.set([]string{"acr"}, m.level())
	case store.FromText:
		m.texts(mapper, []string{mapper.Value})
	}
}

// level is 1 where somebody has signed in for the token, and 0 where a session did. Measured on Keycloak 26.7.4.
func (m *mapping) level() string {
	if m.grant.BySession {
		return "0"
	}
	return "1"
}

func (m *mapping) addAudience(name string) {
	if name != "" && !slices.Contains(m.aud, name) {
		m.aud = append(m.aud, name)
	}
}

func (m *mapping) note(name string) []string {
	switch {
	case name == store.NoteAuthTime && !m.grant.AuthTime.IsZero():
		return []string{strconv.FormatInt(m.grant.AuthTime.Unix(), 10)}
	case m.grant.Username != "":
	case name == store.NoteClient:
		return []string{m.client.ID}
	case m.from != "" && (name == store.NoteHost || name == store.NoteAddress): // no name is looked up
		return []string{m.from}
	}
	return nil
}

func (m *mapping) groups(mapper store.Mapper) {
	groups := slices.Clone(m.person.Groups)
	for i, path := range groups {
		if !mapper.FullPath {
			groups[i] = path[strings.LastIndexByte(path, '/')+1:]
		}
	}
	if len(groups) > 0 {
		m.set(mapper.Claim, groups)
	}
}

func (m *mapping) clientRoles(mapper store.Mapper) {
	var clients []string
	for _, role := range m.roles {
		if role.Client != "" && !slices.Contains(clients, role.Client) && (mapper.Value == "" || mapper.Value == role.Client) {
			clients = append(clients, role.Client)
		}
	}
	for _, client := range clients {
		m.roleNames(mapper, client)
	}
}

func (m *mapping) roleNames(mapper store.Mapper, client string) {
	var names []string
	for _, role := range m.roles {
		if role.Client == client {
			names = append(names, mapper.Prefix+role.Name)
		}
	}
	if len(names) == 0 {
		return
	}
	path := make([]string, len(mapper.Claim))
	for i, step := range mapper.Claim {
		path[i] = strings.ReplaceAll(step, "${client_id}", client)
	}
	if mapper.Multiple {
		m.set(path, names)
		return
	}
	m.set(path, names[0])
}

// texts writes values that are texts, in the type that the mapper wants.
func (m *mapping) texts(mapper store.Mapper, values []string) {
	var typed []any
	for _, value := range values {
		if value, ok := typedClaim(mapper.Type, value); ok {
			typed = append(typed, value)
		}
	}
	switch {
	case len(typed) == 0:
	case mapper.Multiple:
		m.set(mapper.Claim, typed)
	default:
		m.set(mapper.Claim, typed[0])
	}
}

func typedClaim(as store.ClaimType, text string) (any, bool) {
	switch as {
	case store.NumberClaim:
		number, err := strconv.ParseInt(text, 10, 64)
		return number, err == nil
	case store.BooleanClaim:
		return strings.EqualFold(text, "true"), true
	case store.JSONClaim:
		return json.RawMessage(text), json.Valid([]byte(text))
	}
	return text, true
}

// neverMapped are claims that no mapper writes, whatever a realm says.
var neverMapped = []string{"exp", "iat", "iss", "jti", "nonce", "scope", "session_state", "typ"}

// set writes a claim at the end of a path, beside what other mappers wrote on the way.
func (m *mapping) set(path []string, value any) {
	claims := m.claims
	if len(path) == 1 && slices.Contains(neverMapped, path[0]) {
		return
	}
	if name, is := value.(string); is && len(path) == 1 && path[0] == "aud" {
		m.addAudience(name)
		return
	}
	for i, step := range path {
		if i == len(path)-1 {
			claims[step] = value
			return
		}
		next, is := claims[step].(map[string]any)
		if !is {
			next = map[string]any{}
			claims[step] = next
		}
		claims = next
	}
}
