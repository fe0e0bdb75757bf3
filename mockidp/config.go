package mockidp

import (
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"mcpharness/internal/strictyaml"
)

// DefaultYAML is the built-in configuration with its comments, as `mock-idp config` prints it.
//
//go:embed default.yaml
var DefaultYAML string

// Config says who can sign in, for which APIs, and through which clients. The keys of the YAML file are the fields' tags.
type Config struct {
	Roles                map[string][]string `yaml:"roles"` // role name to scopes
	Users                []User              `yaml:"users"`
	Resources            []Resource          `yaml:"resources"`
	DefaultResource      string              `yaml:"default_resource"` // for requests that name none; empty: they must name one
	DefaultScopes        []string            `yaml:"default_scopes"`   // for requests that ask for none
	AcceptAudience       bool                `yaml:"accept_audience"`  // audience is another name of resource
	ScopeMeanings        map[string]string   `yaml:"scope_meanings"`   // for the consent page
	Clients              []Client            `yaml:"clients"`
	Lifetimes            Lifetimes           `yaml:"lifetimes"`
	SigningAlgorithm     string              `yaml:"signing_algorithm"` // ES256, ES384, EdDSA, PS256 or RS256; empty: what the key in SigningKey is for, or the personality's
	SigningKey           string              `yaml:"signing_key"`       // a PEM file with a private key; empty: a new key at every start
	Sessions             bool                `yaml:"sessions"`          // people stay signed in at their browser
	ClientDocuments      ClientDocuments     `yaml:"client_documents"`
	RequirePushed        bool                `yaml:"require_pushed_authorization_requests"` // RFC 9126 §5
	MaxRegisteredClients int                 `yaml:"max_registered_clients"`                // RFC 7591 registrations remembered
}

// User is somebody who can sign in: without a password, unless the personality's page asks for one.
type User struct {
	Username string   `yaml:"username"`
	Name     string   `yaml:"name"`    // empty: the user name
	Email    string   `yaml:"email"`   // empty: no email claim
	Subject  string   `yaml:"subject"` // the sub claim; empty: derived from the user name, the same at every start
	Roles    []string `yaml:"roles"`
	Password string   `yaml:"password"` // a test password, for pages that ask for one; empty: the user name
}

// Resource is an API that tokens can be for (RFC 8707).
type Resource struct {
	URI    string   `yaml:"uri"` // the resource indicator, compared as a string
	Name   string   `yaml:"name"`
	Scopes []string `yaml:"scopes"`
}

// Client is a client that need not register.
type Client struct {
	ID           string   `yaml:"id"`
	Name         string   `yaml:"name"`
	AuthMethod   string   `yaml:"auth_method"` // none, client_secret_basic, client_secret_post or private_key_jwt
	Secret       string   `yaml:"secret"`      // a test secret
	JWKS         string   `yaml:"jwks"`        // the public keys for private_key_jwt, as JSON
	JWKSURI      string   `yaml:"jwks_uri"`    // or where they are, https
	RedirectURIs []string `yaml:"redirect_uris"`
	GrantTypes   []string `yaml:"grant_types"` // authorization_code, refresh_token, client_credentials
	Scopes       []string `yaml:"scopes"`      // what it may ask for; nil: everything, but nothing with client_credentials
	LogoutURIs   []string `yaml:"post_logout_redirect_uris"`
	ThirdParty   bool     `yaml:"third_party"` // people are asked for consent even where a personality asks only for some clients
}

// ClientDocuments say from where client metadata documents are fetched.
type ClientDocuments struct {
	AllowPrivate bool   `yaml:"allow_private"` // also from loopback, private and other special addresses
	CAFile       string `yaml:"ca_file"`       // a PEM file with certificate authorities to trust beside the system's
}

// Lifetimes are how long things live, one second or more each.
type Lifetimes struct {
	Code         time.Duration `yaml:"code"`
	AccessToken  time.Duration `yaml:"access_token"`
	IDToken      time.Duration `yaml:"id_token"`
	RefreshToken time.Duration `yaml:"refresh_token"`
}

// DefaultConfig returns the built-in configuration: alice (Admin), bob and carol (User), and the todo manager's API.
func DefaultConfig() Config {
	var c Config
	if err := strictyaml.Decode("default.yaml", []byte(DefaultYAML), &c); err != nil {
		panic(err) // embedded, and held valid by a test
	}
	return c
}

// ParseConfig reads a YAML configuration. A section that it leaves out keeps its default. All faults are told in one error,
// each with its line; the file name is only for that.
func ParseConfig(file string, data []byte) (Config, error) {
	c := DefaultConfig()
	err := strictyaml.Decode(file, data, &c)
	var faults strictyaml.Faults
	switch {
	case errors.As(err, &faults):
		return Config{}, gathered(faults, data)
	case err != nil:
		return Config{}, err
	}
	return c, nil
}

// gathered tells once for each section, and not once for each value, that a built-in section does not fit what a file changes.
func gathered(faults strictyaml.Faults, data []byte) strictyaml.Faults {
	inFile := strictyaml.Keys(data)
	if inFile == nil {
		return faults // no mapping that could be gathered by
	}
	var told strictyaml.Faults
	for _, fault := range faults {
		section := fault.Path
		if end := strings.IndexAny(section, ".["); end >= 0 {
			section = section[:end]
		}
		if section == "" || slices.Contains(inFile, section) {
			told = append(told, fault)
			continue
		}
		if slices.ContainsFunc(told, func(f strictyaml.Fault) bool { return f.Path == section }) {
			continue
		}
		fault.Message = fmt.Sprintf("the built-in section does not fit this file (%s: %s); write the section too", fault.Path, fault.Message)
		fault.Path = section
		told = append(told, fault)
	}
	return told
}
