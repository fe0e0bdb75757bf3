package realm

import (
	"slices"
	"strconv"
	"strings"
)

// Registration is what anonymous clients may register.
type Registration struct {
	// TrustedHosts are where redirect URIs and client_uri may lead to, and Senders from where clients may register; nil: anywhere.
	TrustedHosts, Senders []string
	// Scopes are what a client may name; nil: everything.
	Scopes     []string
	WebOrigins []string // from which pages may register
	NoConsent  bool     // people are not asked
	AllRoles   bool     // tokens of such clients tell of all roles of a person
	Most       int      // clients at the same time; 0: any number
}

const registrationPolicies = "org.keycloak.services.clientregistration.policy.ClientRegistrationPolicy"

// readRegistration reads the registration policies. Without any in the file there are Keycloak's own, which trust no host.
func (t *translation) readRegistration() Registration {
	components := t.record.record("components")
	found := Registration{NoConsent: true, AllRoles: true}
	seen := false
	for _, kind := range components.names() {
		switch kind {
		case registrationPolicies:
			for o := range components.records(kind, "providerId") {
				seen = true
				o.path = strings.Replace(o.path, registrationPolicies, "…ClientRegistrationPolicy", 1)
				t.readPolicy(o, &found)
			}
		case "org.keycloak.keys.KeyProvider":
			t.unimitate(join(components.path, kind), "keys are the mock's own")
		case "org.keycloak.userprofile.UserProfileProvider":
			t.unimitate(join(components.path, kind), "people are not held to a user profile")
		case "org.keycloak.storage.UserStorageProvider":
			t.unimitate(join(components.path, kind), "every person signs in by the file's own passwords")
		default:
			t.unimitate(join(components.path, kind), "no components of this kind")
		}
	}
	if !seen {
		found = Registration{TrustedHosts: []string{}, Senders: []string{}, WebOrigins: []string{}, Scopes: t.allScopes(nil), Most: 200}
	}
	if found.TrustedHosts != nil && len(found.TrustedHosts) == 0 || found.Senders != nil && len(found.Senders) == 0 {
		t.remarks = append(t.remarks, "clients cannot register themselves: no registration policy of the file trusts a host (providerId trusted-hosts, config trusted-hosts)")
	}
	if found.NoConsent {
		t.unimitate(join(components.path, "…ClientRegistrationPolicy"), "without the policy consent-required people are asked for consent too")
	}
	return found
}

func (t *translation) readPolicy(o record, found *Registration) {
	config := o.record("config")
	kind, anonymous := o.required("providerId"), o.text("subType") == "anonymous"
	if !anonymous {
		t.unimitate(o.path, "nobody registers with an initial access token")
		return
	}
	switch kind {
	case "trusted-hosts":
		trusted := append([]string{}, config.texts("trusted-hosts")...)
		if config.only("client-uris-must-match", true) {
			found.TrustedHosts = trusted
		}
		if config.only("host-sending-registration-request-must-match", true) {
			found.Senders = trusted
		}
	case "allowed-client-templates":
		if found.Scopes = config.texts("allowed-client-scopes"); config.only("allow-default-scopes", true) {
			found.Scopes = t.allScopes(found.Scopes)
		}
	case "registration-web-origins":
		found.WebOrigins = config.texts("web-origins")
	case "consent-required":
		found.NoConsent = false
	case "scope":
		found.AllRoles = false
	case "max-clients":
		found.Most, _ = strconv.Atoi(config.first("max-clients", "0"))
	case "allowed-protocol-mappers": // no registration can name any
		config.texts("allowed-protocol-mapper-types")
	default:
		t.unimitate(o.path, "no registration policy "+kind)
	}
	o.rest("component")
}

// allScopes adds the realm's default and optional client scopes to those that clients may name.
func (t *translation) allScopes(names []string) []string {
	all := slices.Clone(names)
	for _, name := range slices.Concat(t.defaults, t.optional) {
		if !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	return all
}

// first is the first value of a component's setting, all of which are lists.
func (o record) first(name, absent string) string {
	if values := o.texts(name); len(values) > 0 {
		return values[0]
	}
	return absent
}

// only reads a setting that is one truth value.
func (o record) only(name string, absent bool) bool {
	switch value := o.first(name, ""); value {
	case "true":
		return true
	case "false":
		return false
	case "":
	default:
		o.fault(o.line(name), join(o.path, name), "want [\"true\"] or [\"false\"]")
	}
	return absent
}
