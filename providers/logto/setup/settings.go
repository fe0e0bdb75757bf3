package main

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// settings are what the flags and the environment say.
type settings struct {
	endpoint      string // of Logto, without a slash at the end
	managementAPI string // indicator of the Management API
	issuer        string // of the token for the Management API
	id, secret    string // of the machine-to-machine application
	resource      string // indicator of the API that todo-mcp is
	people        []person
}

// person is who is to be able to sign in.
type person struct {
	username, role string
	passwordEnv    string
	password       string // "" where the variable is not set: it must then exist already
}

// readSettings tells every fault at once. Passwords are asked for only where somebody is to be made.
func readSettings(resource string, getenv func(string) string) (settings, error) {
	s := settings{
		endpoint: strings.TrimSuffix(getenv("LOGTO_ENDPOINT"), "/"),
		id:       getenv("LOGTO_M2M_ID"), secret: getenv("LOGTO_M2M_SECRET"),
		resource: resource,
		people: []person{
			{username: "alice", role: admin, passwordEnv: "LOGTO_ADMIN_PASSWORD"},
			{username: "bob", role: user, passwordEnv: "LOGTO_USER_PASSWORD"},
			{username: "carol", role: user, passwordEnv: "LOGTO_OTHER_USER_PASSWORD"},
		},
	}
	for i := range s.people {
		s.people[i].password = getenv(s.people[i].passwordEnv)
	}
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	where, err := url.Parse(s.endpoint)
	switch {
	case s.endpoint == "":
		fault("LOGTO_ENDPOINT is not set: want where Logto is, https://TENANT.logto.app or http://localhost:3001")
	case err != nil || where.Scheme != "http" && where.Scheme != "https" || where.Host == "" || where.User != nil || where.Path != "" || where.RawQuery != "" || where.Fragment != "":
		fault("LOGTO_ENDPOINT: want scheme, host and port only, without /oidc, such as http://localhost:3001")
	case where.Scheme == "http" && !loopback(where.Hostname()):
		fault("LOGTO_ENDPOINT: want https, as secrets and passwords go there; http is for localhost only")
	}
	if s.id == "" || s.secret == "" {
		fault("LOGTO_M2M_ID and LOGTO_M2M_SECRET: want id and secret of a machine-to-machine application of this tenant")
	}
	if u, err := url.Parse(resource); resource == "" || err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || strings.Contains(resource, "#") {
		fault("--resource: want the URL of the MCP endpoint as clients reach it, such as http://localhost:3011/mcp")
	}
	s.issuer = strings.TrimSuffix(cmp.Or(getenv("LOGTO_M2M_ISSUER"), s.endpoint+"/oidc"), "/")
	if u, err := url.Parse(s.issuer); err != nil || u.Scheme != "https" && !(u.Scheme == "http" && loopback(u.Hostname())) {
		if s.issuer != s.endpoint+"/oidc" {
			fault("LOGTO_M2M_ISSUER: want an issuer by https, or by http on localhost, such as http://localhost:3002/oidc")
		}
	}
	s.managementAPI = cmp.Or(getenv("LOGTO_MANAGEMENT_API"), managementAPI(where))
	return s, errors.Join(faults...)
}

// managementAPI is the indicator that Logto gives its own API: in the cloud by tenant, elsewhere that of the tenant "default".
func managementAPI(endpoint *url.URL) string {
	if endpoint != nil && strings.HasSuffix(endpoint.Hostname(), ".logto.app") {
		return "https://" + endpoint.Host + "/api"
	}
	return "https://default.logto.app/api"
}

func loopback(host string) bool { return host == "localhost" || host == "127.0.0.1" || host == "::1" }
