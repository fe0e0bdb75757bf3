package fault

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// refusal is why a registration is not taken. Texts and statuses are those of Keycloak's policies (measured on 26.7.4), as their
// words are what people search for.
type refusal struct {
	status     int
	code, text string
}

// registrationRefused lets a policy look at each registration. Nil means that it may go on.
func registrationRefused(policy func(*http.Request, map[string]json.RawMessage) *refusal) func(Site, http.Handler) http.Handler {
	return func(s Site, server http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if s.Register == "" || r.URL.Path != s.Register || r.Method != http.MethodPost {
				server.ServeHTTP(w, r)
				return
			}
			var client map[string]json.RawMessage
			_ = json.Unmarshal(peek(r), &client) // the server says what is wrong with it
			if no := policy(r, client); no != nil {
				if no.status == http.StatusUnauthorized {
					w.Header().Set("WWW-Authenticate", `Bearer realm="`+s.Issuer+`", error="`+no.code+`"`)
				}
				refuse(w, no.status, no.code, no.text)
				return
			}
			server.ServeHTTP(w, r)
		})
	}
}

func untrustedHost(*http.Request, map[string]json.RawMessage) *refusal {
	return &refusal{http.StatusForbidden, "insufficient_scope", "Policy 'Trusted Hosts' rejected request to client-registration service. Details: Host not trusted."}
}

// withoutToken takes any token: that it is sent is what clients get wrong.
func withoutToken(r *http.Request, _ map[string]json.RawMessage) *refusal {
	if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok && token != "" {
		return nil
	}
	return &refusal{http.StatusUnauthorized, "invalid_token", "Failed decode token"}
}

func withOpenID(_ *http.Request, client map[string]json.RawMessage) *refusal {
	var scope string
	_ = json.Unmarshal(client["scope"], &scope)
	if !slices.Contains(strings.Fields(scope), "openid") {
		return nil
	}
	return &refusal{http.StatusForbidden, "insufficient_scope", "Policy 'Allowed Client Scopes' rejected request to client-registration service. Details: Not permitted to use specified clientScope"}
}

// knownMembers are client metadata of RFC 7591 §2 and of OpenID Connect Registration §2.
var knownMembers = strings.Fields(`redirect_uris token_endpoint_auth_method grant_types response_types client_name client_uri logo_uri scope
	contacts tos_uri policy_uri jwks_uri jwks software_id software_version software_statement
	application_type sector_identifier_uri subject_type id_token_signed_response_alg id_token_encrypted_response_alg
	id_token_encrypted_response_enc userinfo_signed_response_alg userinfo_encrypted_response_alg userinfo_encrypted_response_enc
	request_object_signing_alg request_object_encryption_alg request_object_encryption_enc token_endpoint_auth_signing_alg
	default_max_age require_auth_time default_acr_values initiate_login_uri request_uris post_logout_redirect_uris`)

func withUnknownMembers(_ *http.Request, client map[string]json.RawMessage) *refusal {
	for name := range client {
		if !slices.Contains(knownMembers, name) {
			return &refusal{http.StatusBadRequest, "invalid_client_metadata", `Unrecognized field "` + name + `"`}
		}
	}
	return nil
}

// secretUnasked registers a public client as a confidential one. The answer says so, for those who read it.
func secretUnasked(s Site, server http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.Register != "" && r.URL.Path == s.Register && r.Method == http.MethodPost {
			var client map[string]json.RawMessage
			if json.Unmarshal(peek(r), &client) == nil && string(client["token_endpoint_auth_method"]) == `"none"` {
				client["token_endpoint_auth_method"] = json.RawMessage(`"client_secret_basic"`)
				if body, err := json.Marshal(client); err == nil {
					replace(r, body)
				}
			}
		}
		server.ServeHTTP(w, r)
	})
}
