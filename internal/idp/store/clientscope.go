package store

import "slices"

// Role is a role of the whole server, or of a client.
type Role struct {
	Client string // whose role it is; empty: the whole server's
	Name   string
}

// ClientScope is a scope that clients are given one by one, with what it writes into tokens.
type ClientScope struct {
	Name     string
	Roles    []Role // whoever has one of them gets the scope; nil: everybody does
	Hidden   bool   // in no scope claim and in no answer's scope
	Off      bool   // asking for it is no fault, and nobody gets it
	Unlisted bool   // not in the metadata
	Consent  string // what the consent page says of it; empty: it does not tell of it
	Mappers  []Mapper
}

// Permits reports whether somebody may have the scope.
func (s *ClientScope) Permits(p Person) bool {
	return !s.Off && (len(s.Roles) == 0 || slices.ContainsFunc(s.Roles, p.Has))
}

// Mapper writes something that the server knows into tokens and answers.
type Mapper struct {
	Source   Source
	Value    string    // see Source
	Prefix   string    // before every role
	FullPath bool      // groups: /staff/editors, not editors
	Claim    []string  // the path to the claim, a step an element; aud and sub need none
	Type     ClaimType // of attributes and texts
	Multiple bool      // attributes: all values, as an array; roles: an array, not a text that looks like one
	In       Places
}

// Source is what a Mapper writes.
type Source int

const (
	// FromAudience adds Value to aud.
	FromAudience Source = iota
	// FromRoleAudiences adds to aud each client, but the token's own, of which the token's person has a role.
	FromRoleAudiences
	// FromSubject writes sub.
	FromSubject
	// FromAttribute writes an attribute of the person, also one of AttributeNames; Value names it.
	FromAttribute
	// FromFullName writes given and family name.
	FromFullName
	// FromRealmRoles writes the names of the roles of the whole server.
	FromRealmRoles
	// FromClientRoles writes the names of the roles of the client Value, or of each client where Value is empty. A step of Claim
	// may hold ${client_id}, which becomes the client of the roles.
	FromClientRoles
	// FromGroups writes the groups of the person.
	FromGroups
	// FromOrigins writes the web origins of the client.
	FromOrigins
	// FromSession writes a note of the sign-in; Value is one of SessionNotes.
	FromSession
	// FromLevel writes how strongly the person was authenticated.
	FromLevel
	// FromText writes Value.
	FromText
)

// ClaimType is the JSON type of a claim that is written from a text.
type ClaimType int

// What a text becomes. One that cannot become it is not written.
const (
	TextClaim ClaimType = iota
	NumberClaim
	BooleanClaim
	JSONClaim
)

// Places are where a Mapper writes.
type Places uint8

// The places.
const (
	InAccessToken Places = 1 << iota
	InIDToken
	InUserInfo
	InIntrospection
)

// AttributeNames are the attributes that everybody has besides Person.Attributes.
var AttributeNames = []string{"username", "email", "emailVerified", "firstName", "lastName", "id"}

// SessionNotes are what FromSession knows: when the person signed in (seconds since 1970), or which client signed itself in, and from where.
var SessionNotes = []string{NoteAuthTime, NoteClient, NoteHost, NoteAddress}

// The notes.
const (
	NoteAuthTime = "AUTH_TIME"
	NoteClient   = "client_id"
	NoteHost     = "clientHost"
	NoteAddress  = "clientAddress"
)

// Attribute returns the values of an attribute of a person; none where there is no such attribute.
func (p Person) Attribute(name string) []string {
	one := ""
	switch name {
	case "username":
		one = p.Username
	case "email":
		one = p.Email
	case "emailVerified":
		one = "false"
		if p.EmailVerified {
			one = "true"
		}
	case "firstName":
		one = p.GivenName
	case "lastName":
		one = p.FamilyName
	case "id":
		one = p.Subject
	default:
		return p.Attributes[name]
	}
	if one == "" {
		return nil
	}
	return []string{one}
}

// Has reports whether a person has a role, itself or by another one.
func (p Person) Has(role Role) bool {
	if role.Client == "" {
		return slices.Contains(p.Roles, role.Name)
	}
	return slices.Contains(p.ClientRoles, role)
}

// AllRoles are a person's roles of the whole server and of clients.
func (p Person) AllRoles() []Role {
	all := make([]Role, 0, len(p.Roles)+len(p.ClientRoles))
	for _, name := range p.Roles {
		all = append(all, Role{Name: name})
	}
	return append(all, p.ClientRoles...)
}
