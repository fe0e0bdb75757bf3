package store

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Methods by which a client authenticates at the token endpoint (RFC 7591 §2).
const (
	AuthNone  = "none"
	AuthBasic = "client_secret_basic"
	AuthPost  = "client_secret_post"
	AuthKey   = "private_key_jwt" // OpenID Connect Core §9
)

// Client is an OAuth client. Values are shared between callers: do not change their slices.
type Client struct {
	ID              string
	Name            string
	URI             string // client_uri, the client's home page
	AuthMethod      string
	SecretHash      Hash // a fast hash: these are test secrets (zero without a secret)
	RedirectURIs    []string
	GrantTypes      []string
	Scopes          []string // nil: every scope that the server knows; of no meaning where clients are given scopes one by one
	ApplicationType string
	ThirdParty      bool // configured, but somebody else's: people are asked before it gets a token
	Disabled        bool // known, and good for nothing
	BearerOnly      bool // takes tokens and gets none
	Registered      bool // by dynamic registration (RFC 7591), so the name is the client's own claim
	IssuedAt        time.Time
	Document        bool      // described by the document at the URL that is its ID, so again by itself
	FreshUntil      time.Time // when the document is to be fetched again

	// Keys (jwks, a JSON Web Key Set) or KeysURI (jwks_uri) verify what the client signs, with SigningAlgorithm if it names one.
	Keys             []byte
	KeysURI          string
	SigningAlgorithm string   // token_endpoint_auth_signing_alg
	LogoutURIs       []string // post_logout_redirect_uris
	Challenge        string   // the method of PKCE where the personality lets clients choose: empty for S256, plain, or AnyChallenge
	PushOnly         bool     // require_pushed_authorization_requests (RFC 9126 §6)
	AnySecret        bool     // registered without a word on how it sends its secret

	// Where clients are given scopes one by one, DefaultScopes are granted unasked and OptionalScopes if asked for. Mappers are the
	// client's own. Tokens tell of all roles, or of those in RoleScope only (and of those of the granted scopes).
	DefaultScopes, OptionalScopes []string
	Mappers                       []Mapper
	AllRoles                      bool
	RoleScope                     []Role
	WebOrigins                    []string
	Account                       string        // the user name of the account that it signs itself in to, with client_credentials
	TokenType                     string        // the JOSE header's typ of its access tokens; empty: the personality's
	AccessTokenLifetime           time.Duration // zero: that of all
	Session                       ClientSession // what of it is zero is as with all
	ResourceURL                   string        // what clients write for it into resource

	// ManagementHash is of the registration access token, and Metadata what was registered, as JSON (RFC 7592).
	ManagementHash Hash
	Metadata       []byte
}

// AnyChallenge lets a client use either method of PKCE, or leave PKCE out.
const AnyChallenge = "any"

// ClientSession is how long a client's part in a session lasts: Idle without being used, Most at all. The others are about
// offline_access.
type ClientSession struct{ Idle, Most, OfflineIdle, OfflineMost time.Duration }

// MayManage compares a registration access token in constant time.
func (c *Client) MayManage(token string) bool {
	return c.Registered && c.ManagementHash.Is(token)
}

// UsesSecret reports whether the client authenticates with a secret.
func (c *Client) UsesSecret() bool { return c.AuthMethod == AuthBasic || c.AuthMethod == AuthPost }

// Strange reports whether a client came by itself: nobody configured it.
func (c *Client) Strange() bool { return c.Registered || c.Document }

// Foreign reports whether a client is not of the house.
func (c *Client) Foreign() bool { return c.Strange() || c.ThirdParty }

// Hash is a SHA-256 hash.
type Hash [sha256.Size]byte

// MarshalText writes it in hexadecimal.
func (h Hash) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, h[:]), nil }

// UnmarshalText reads what MarshalText writes.
func (h *Hash) UnmarshalText(text []byte) error {
	if len(text) != hex.EncodedLen(len(h)) {
		return fmt.Errorf("want %d hexadecimal digits, got %d", hex.EncodedLen(len(h)), len(text))
	}
	_, err := hex.Decode(h[:], text)
	return err
}

// Public reports whether the client has no secret.
func (c *Client) Public() bool { return c.AuthMethod == AuthNone }

// May reports whether the client is registered for a grant type.
func (c *Client) May(grantType string) bool { return slices.Contains(c.GrantTypes, grantType) }

// SecretIs compares in constant time.
func (c *Client) SecretIs(secret string) bool { return c.SecretHash.Is(secret) }

// HashSecret is what the store keeps of a client secret.
func HashSecret(secret string) Hash { return sha256.Sum256([]byte(secret)) }

// Is compares in constant time.
func (h Hash) Is(secret string) bool {
	typed := HashSecret(secret)
	return subtle.ConstantTimeCompare(h[:], typed[:]) == 1
}

type client struct {
	Client
	live int // grants alive
}

// RemoveClient forgets a client and ends its grants.
func (s *Store) RemoveClient(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, known := s.clients[id]; known {
		s.strangers = slices.DeleteFunc(s.strangers, func(other string) bool { return other == id })
		s.dropClient(id)
	}
}

// dropClient is for a client that is not among the strangers any more.
func (s *Store) dropClient(id string) {
	if s.clients[id].live > 0 {
		for grantID, g := range s.grants {
			if g.ClientID == id {
				s.dropGrant(grantID, g)
			}
		}
	}
	if c := s.clients[id]; c.Registered && c.Account != "" {
		delete(s.people, c.Account)
	}
	delete(s.clients, id)
	s.forgetConsents(id)
	s.changed()
}

// AddClient adds or replaces a client, whose grants stay. A client that came by itself and is beyond the limit pushes out the
// oldest such client without a live grant, or the oldest of all.
func (s *Store) AddClient(c Client) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep(time.Now())
	if c.Registered {
		defer s.changed()
	}
	if c.Registered && c.Account != "" {
		s.people[c.Account] = accountOf(c)
	}
	if known, ok := s.clients[c.ID]; ok {
		if known.Registered && known.Account != c.Account {
			delete(s.people, known.Account)
		}
		if !slices.Equal(known.RedirectURIs, c.RedirectURIs) {
			s.forgetConsents(c.ID) // people allowed another client, as far as they can tell
		}
		s.clients[c.ID] = &client{Client: c, live: known.live}
		return
	}
	if c.Strange() {
		for len(s.strangers) >= s.limits.Clients {
			s.evictClient()
		}
		s.strangers = append(s.strangers, c.ID)
	}
	s.clients[c.ID] = &client{Client: c}
}

// evictClient spares the newest quarter as long as it can: who came a moment ago has no grant yet because its sign-in is under way.
func (s *Store) evictClient() {
	settled := s.strangers[:len(s.strangers)-len(s.strangers)/4]
	victim := slices.IndexFunc(settled, func(id string) bool { return s.clients[id].live == 0 })
	victim = max(victim, 0)
	id := s.strangers[victim]
	s.strangers = slices.Delete(s.strangers, victim, victim+1)
	s.dropClient(id)
}

// Client finds a client. The answer stays valid when the client is pushed out.
func (s *Store) Client(id string) (*Client, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.clients[id]
	if !ok {
		return nil, false
	}
	return &c.Client, true
}

// Clients returns the clients, configured ones first in the order of their identifiers, then those that came by themselves, newest first.
func (s *Store) Clients() []*Client {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]*Client, 0, len(s.clients))
	for _, c := range s.clients {
		if !c.Strange() {
			all = append(all, &c.Client)
		}
	}
	slices.SortFunc(all, func(a, b *Client) int { return strings.Compare(a.ID, b.ID) })
	for _, id := range slices.Backward(s.strangers) {
		all = append(all, &s.clients[id].Client)
	}
	return all
}
