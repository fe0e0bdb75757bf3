package main

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// applications are the client ids that readers go on with.
type applications struct{ native, inspector string }

// application is a client as the Management API has it. Members that are not here are not touched.
type application struct {
	ID       string         `json:"id,omitempty"`
	Name     string         `json:"name,omitempty"`
	Type     string         `json:"type,omitempty"`
	OIDC     map[string]any `json:"oidcClientMetadata"`
	Customer map[string]any `json:"customClientMetadata"`
}

func (p *provisioner) applications(ctx context.Context) (made applications, err error) {
	existing, err := list[application](ctx, p.management, "/applications", nil)
	if err != nil {
		return made, err
	}
	// Only applications of type Native may come back to any port of this machine. Logto registers no clients, so this one is
	// for all that listen on a free port.
	made.native, err = p.application(ctx, existing, "MCP clients on this machine", "Native",
		[]string{"http://127.0.0.1/callback", "http://localhost/callback", "http://[::1]/callback"}, nil)
	if err != nil {
		return made, err
	}
	made.inspector, err = p.application(ctx, existing, "MCP Inspector", "SPA",
		[]string{"http://localhost:6274/oauth/callback", "http://127.0.0.1:6274/oauth/callback", "http://127.0.0.1:6276/oauth/callback"},
		[]string{"http://localhost:6274", "http://127.0.0.1:6274"})
	return made, err
}

// application makes a client, or adds to the one of this name and type what it lacks.
func (p *provisioner) application(ctx context.Context, existing []application, name, kind string, redirects, origins []string) (id string, err error) {
	i := slices.IndexFunc(existing, func(a application) bool { return a.Name == name && a.Type == kind })
	if i < 0 {
		if !p.makes("application %q (%s)", name, kind) {
			return "", nil
		}
		a := application{
			Name: name, Type: kind,
			OIDC:     map[string]any{"redirectUris": redirects, "postLogoutRedirectUris": []string{}},
			Customer: map[string]any{},
		}
		if origins != nil {
			a.Customer["corsAllowedOrigins"] = origins
		}
		_, err := p.call(ctx, http.MethodPost, "/applications", a, &a)
		return a.ID, err
	}
	a := existing[i]
	p.is("application %q (%s), client ID %s", name, kind, a.ID)
	missing := slices.Concat(extend(&a.OIDC, "redirectUris", redirects), extend(&a.Customer, "corsAllowedOrigins", origins))
	if len(missing) == 0 || !p.adds("%s to application %q", strings.Join(missing, " "), name) {
		return a.ID, nil
	}
	// Both members whole: whether Logto merges or replaces them, nothing is lost.
	_, err = p.call(ctx, http.MethodPatch, "/applications/"+url.PathEscape(a.ID), application{OIDC: a.OIDC, Customer: a.Customer}, nil)
	return a.ID, err
}

// extend adds what a list of a document lacks, and returns that.
func extend(document *map[string]any, member string, wanted []string) (missing []string) {
	has, _ := (*document)[member].([]any)
	for _, value := range wanted {
		if !slices.Contains(has, any(value)) {
			has, missing = append(has, value), append(missing, value)
		}
	}
	if missing != nil {
		if *document == nil {
			*document = map[string]any{}
		}
		(*document)[member] = has
	}
	return missing
}
