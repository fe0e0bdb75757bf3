// Package realm reads Keycloak realm files: those that people write for --import-realm, and Keycloak's own exports. It says what a
// realm is in this project's own words, and lists what the file holds beyond that.
package realm

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"mcpharness/internal/idp/store"
	"mcpharness/internal/strictyaml"
)

// Realm is what a realm file says.
type Realm struct {
	Name    string
	People  []store.Person // accounts of clients too
	Clients []store.Client
	Scopes  []store.ClientScope
	// NewClientDefault and NewClientOptional are the scopes of clients that name none: the realm's default and optional ones.
	NewClientDefault, NewClientOptional []string
	AccessToken, Code                   time.Duration
	SessionIdle, SessionMax             time.Duration // refresh tokens live as long as the session may be idle
	OfflineIdle                         time.Duration
	OfflineEnds                         bool                // offline sessions have an end (offlineSessionMaxLifespanEnabled)
	ClientSession                       store.ClientSession // of clients that have none of their own
	RefreshReusable                     bool                // a refresh token stays good when it is used (not revokeRefreshToken)
	SigningAlgorithm                    string              // a JWS alg
	Registration                        Registration
	Documents                           *DocumentPolicy // nil: no client policy takes the URL of a client document for a client_id

	// Unimitated is what the file holds and the mock does not do.
	Unimitated []Unimitated
	// Remarks are what people should know of how the file was understood.
	Remarks []string
}

// ReadFile reads a realm file, as Read does.
func ReadFile(path string, lookup func(string) (string, bool)) (*Realm, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("realm file: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("reading realm file %s: %w", path, err)
	}
	return Read(path, data, lookup)
}

// Read reads a realm file. Its name is for the faults, which are strictyaml.Faults: all that is wrong with the file. lookup finds
// the variables of the environment that the file may name.
func Read(file string, data []byte, lookup func(string) (string, bool)) (*Realm, error) {
	root, faults := parse(file, data)
	r := &reader{file: file, lookup: lookup, unimitated: map[string]*Unimitated{}, mentions: map[string]place{}, faults: faults}
	if root != nil && root.kind == list && len(root.items) == 1 {
		root = root.items[0]
	}
	switch {
	case root == nil:
		return nil, r.faults
	case root.kind == list:
		r.fault(root.line, "", "want one realm, got a list of %d", len(root.items))
		return nil, r.faults
	case root.kind != object:
		r.fault(root.line, "", "want an object, a realm as Keycloak imports it, got %s", root.kind)
		return nil, r.faults
	}
	realm := (&translation{record: record{r, "", root}}).realm()
	if len(r.faults) > 0 {
		slices.SortStableFunc(r.faults, func(a, b strictyaml.Fault) int {
			return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Path, b.Path))
		})
		return nil, r.faults
	}
	for _, what := range r.reasons {
		realm.Unimitated = append(realm.Unimitated, *r.unimitated[what])
	}
	realm.Remarks = r.remarks
	return realm, nil
}

// translation turns the file into a Realm. What it finds first, the rest may refer to.
type translation struct {
	record
	name     string
	roles    roles
	groups   map[string]group
	scopes   []store.ClientScope
	foreign  []string // scopes for other protocols
	defaults []string // the scopes of clients that name none
	optional []string
	scopeOf  map[string][]store.Role // the role mappings of client scopes, by name
	inScope  map[string][]store.Role // those of clients, by clientId
	accounts map[string]string       // the user names of clients' accounts, by clientId
}

func (t *translation) realm() *Realm {
	t.name = t.required("realm")
	if strings.ContainsFunc(t.name, func(r rune) bool { return !plainInPath(r) }) || strings.Trim(t.name, ".") == "" && t.name != "" {
		t.fault(t.line("realm"), "realm", "want letters, digits and . _ - only: the name is part of the issuer's path")
	}
	enabled := t.flag("enabled", false)
	switch {
	case enabled:
	case !t.has("enabled") && !t.has("clients") && t.has("users"): // a NAME-users-0.json of an export into a folder
		t.fault(1, "", "only people are in it; want the whole realm in one file, as kc.sh export --file writes it")
	default:
		t.fault(t.line("enabled"), "enabled", "the realm is not enabled, so it answers nobody; write \"enabled\": true")
	}
	t.readRoles()
	t.readGroups()
	t.readMappings()
	t.readScopes()
	r := &Realm{
		Name: t.name, Scopes: t.scopes, NewClientDefault: t.defaults, NewClientOptional: t.optional,
		AccessToken: t.seconds("accessTokenLifespan", 5*time.Minute), Code: t.seconds("accessCodeLifespan", time.Minute),
		SessionIdle: t.seconds("ssoSessionIdleTimeout", 30*time.Minute), SessionMax: t.seconds("ssoSessionMaxLifespan", 10*time.Hour),
		OfflineIdle: t.seconds("offlineSessionIdleTimeout", 30*24*time.Hour), RefreshReusable: !t.flag("revokeRefreshToken", false),
		SigningAlgorithm: cmp.Or(t.text("defaultSignatureAlgorithm"), "RS256"),
	}
	t.readClientSessions(r)
	if most := t.number("refreshTokenMaxReuse", 0); most > 0 && !r.RefreshReusable {
		t.unimitate("refreshTokenMaxReuse", "a refresh token is good for one use, or for any number")
	}
	r.People = t.readPeople()
	r.Clients = t.readClients()
	r.People = append(r.People, t.missingAccounts()...)
	r.Registration, r.Documents = t.readRegistration(), t.readDocumentPolicy()
	t.readFlows()
	t.record.record("attributes").rest("attributes of the realm")
	t.rest("realm")
	return r
}

// readFlows tells of steps of a sign-in that are not Keycloak's own.
func (t *translation) readFlows() {
	for o := range t.records("authenticationFlows", "alias") {
		if !o.flag("builtIn", false) {
			t.unimitate(o.path, "sign-in is always by user name and password")
		}
	}
	for o := range t.records("requiredActions", "alias") {
		if o.flag("defaultAction", false) && o.flag("enabled", false) {
			t.unimitate(o.path, "sign-in is always by user name and password")
		}
	}
}

func plainInPath(r rune) bool {
	return r == '.' || r == '_' || r == '-' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}

// Faults are all that is wrong with a file, if that is what the error of Read says.
func Faults(err error) (faults strictyaml.Faults, ok bool) {
	return faults, errors.As(err, &faults)
}
