package providercheck_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/providercheck"
)

func TestARegisteredClientIsAskedWithAndDeletedAgain(t *testing.T) {
	t.Parallel()
	d := newDouble(t)
	report := check(t, providercheck.Options{Issuer: issuer, Transport: d, Register: true, Scopes: []string{"read"}, Resource: resource})
	require.Empty(t, faults(report), text(t, report))
	last := d.seen[len(d.seen)-1]
	require.Equal(t, http.MethodDelete, last.Method)
	require.Equal(t, "/tenant/register/new", last.URL.Path)
	require.Equal(t, "Bearer rat", last.Header.Get("Authorization"))
	var codes []providercheck.Code
	for _, f := range report.Findings {
		codes = append(codes, f.Code)
	}
	require.Subset(t, codes, []providercheck.Code{providercheck.RegistrationAnswer, providercheck.RegistrationCleanedUp, providercheck.PKCEEnforced, providercheck.IssSent})
}

func TestWhatIsWrongWithRegistrationIsFound(t *testing.T) {
	t.Parallel()
	answering := func(status int, change func(map[string]any)) func(*double) {
		return func(d *double) {
			d.routes["/tenant/register"] = func(w http.ResponseWriter, r *http.Request) {
				var body map[string]any
				_ = json.NewDecoder(r.Body).Decode(&body)
				body["client_id"], body["registration_client_uri"], body["registration_access_token"] = "client", issuer+"/register/new", "rat"
				change(body)
				writeJSON(w, status, body)
			}
		}
	}
	const notAsked = "info asked"
	for name, row := range map[string]struct {
		change func(*double)
		want   []string
	}{
		"a token demanded": {func(d *double) { d.serve("/tenant/register", 401, "application/json", `{"error":"invalid_token"}`) }, []string{"warning registration", notAsked}},
		"a policy": {func(d *double) {
			d.serve("/tenant/register", 403, "application/json", `{"error":"insufficient_scope"}`)
		}, []string{"warning registration", notAsked}},
		"a refusal": {func(d *double) {
			d.serve("/tenant/register", 400, "application/json", `{"error":"invalid_client_metadata"}`)
		}, []string{"error registration", notAsked}},
		"a page":                {func(d *double) { d.serve("/tenant/register", 200, "text/html", `<p>hello</p>`) }, []string{"error registration-answer", notAsked}},
		"no client_id":          {answering(201, func(b map[string]any) { delete(b, "client_id") }), []string{"error registration-answer", notAsked}},
		"status 200":            {answering(200, func(map[string]any) {}), []string{"warning registration-answer"}},
		"a secret":              {answering(201, func(b map[string]any) { b["client_secret"] = "s" }), []string{"warning registration-answer"}},
		"another method":        {answering(201, func(b map[string]any) { b["token_endpoint_auth_method"] = "client_secret_basic" }), []string{"warning registration-answer"}},
		"no redirect URIs":      {answering(201, func(b map[string]any) { delete(b, "redirect_uris") }), []string{"warning registration-answer"}},
		"other grants":          {answering(201, func(b map[string]any) { b["grant_types"] = []string{"implicit"} }), []string{"warning registration-answer"}},
		"no deletion":           {answering(201, func(b map[string]any) { delete(b, "registration_client_uri") }), []string{"info registration-cleaned-up"}},
		"deletion elsewhere":    {answering(201, func(b map[string]any) { b["registration_client_uri"] = "https://other.example/client" }), []string{"info registration-cleaned-up"}},
		"a deletion that fails": {func(d *double) { d.serve("/tenant/register/new", 405, "application/json", `{}`) }, []string{"warning registration-cleaned-up"}},
		"no endpoint at all": {func(d *double) {
			delete(d.document, "registration_endpoint")
			delete(d.document, "client_id_metadata_document_supported")
		}, []string{"warning client-documents", "warning registration", notAsked}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDouble(t)
			row.change(d)
			report := check(t, providercheck.Options{Issuer: issuer, Transport: d, Register: true, Scopes: []string{"read"}, Resource: resource})
			require.Equal(t, row.want, faults(report), text(t, report))
			for _, r := range d.seen {
				require.Equal(t, "idp.example", r.URL.Host, "the registration's token goes nowhere else")
			}
		})
	}
}
