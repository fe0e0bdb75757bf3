package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	maxAnswer = 4 << 20 // a page of a hundred users is some 100 KB
	pageSize  = 100     // the largest that Logto allows
	maxPages  = 50
)

// management is a client of the Management API. Not safe for concurrent use.
type management struct {
	http     *http.Client
	endpoint string
	token    string
}

// refusal is an answer of the Management API other than the one that was hoped for.
type refusal struct {
	call    string // method and path
	status  int
	code    string // Logto's own, such as role.name_in_use
	message string
}

func (r *refusal) Error() string {
	text := fmt.Sprintf("%s: status %d", r.call, r.status)
	if r.code != "" {
		text += " " + r.code
	}
	if r.message != "" {
		text += ": " + r.message
	}
	switch r.status {
	case http.StatusUnauthorized:
		text += "; want a token that this Logto takes: do LOGTO_ENDPOINT and LOGTO_M2M_ISSUER belong to the same Logto?"
	case http.StatusForbidden:
		text += needsRole
	case http.StatusUnprocessableEntity:
		if strings.HasSuffix(r.code, "_in_use") || strings.HasSuffix(r.code, "_exists") {
			text += "; somebody made it meanwhile, or its name differs in case only: look at it in the console and run this again"
		}
	}
	return text
}

const needsRole = `; in the console, open Applications, the machine-to-machine application, Roles, and assign "Logto Management API access"`

// connect gets a token for the Management API.
func connect(ctx context.Context, s settings) (*management, error) {
	m := &management{
		endpoint: s.endpoint,
		http: &http.Client{
			Timeout: 20 * time.Second,
			// A token endpoint and an API that redirect are somewhere else: secrets do not follow them.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	form := url.Values{"grant_type": {"client_credentials"}, "resource": {s.managementAPI}, "scope": {"all"}}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.issuer+"/token", strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.SetBasicAuth(url.QueryEscape(s.id), url.QueryEscape(s.secret))
	status, _, body, err := m.send(request)
	if err != nil {
		return nil, fmt.Errorf("asking %s for a token: %w", s.issuer, err)
	}
	var answer struct {
		Token string `json:"access_token"`
		Scope string `json:"scope"`
		Error string `json:"error"`
		Text  string `json:"error_description"`
	}
	if err := json.Unmarshal(body, &answer); err != nil || status == http.StatusOK && answer.Token == "" {
		return nil, fmt.Errorf("asking %s for a token: status %d and not what Logto answers; want LOGTO_ENDPOINT to be a Logto", s.issuer, status)
	}
	switch {
	case answer.Error == "invalid_client":
		return nil, fmt.Errorf("asking %s for a token: invalid_client: %s; want LOGTO_M2M_ID and LOGTO_M2M_SECRET of a machine-to-machine application of this tenant", s.issuer, printable(answer.Text))
	case answer.Error == "invalid_target":
		return nil, fmt.Errorf("asking %s for a token: invalid_target: this tenant has no Management API %s; set LOGTO_MANAGEMENT_API to the indicator that the console shows", s.issuer, s.managementAPI)
	case status != http.StatusOK:
		return nil, fmt.Errorf("asking %s for a token: status %d %s: %s", s.issuer, status, printable(answer.Error), printable(answer.Text))
	case !strings.Contains(" "+answer.Scope+" ", " all "): // Logto cuts the scope to the application's roles, and says 200
		return nil, errors.New("the token for the Management API has no rights" + needsRole)
	}
	m.token = answer.Token
	return m, nil
}

// call sends a JSON body, if there is one, and reads the answer into the value, if there is one. The error is a *refusal where Logto answers no.
func (m *management) call(ctx context.Context, method, path string, body, into any) (http.Header, error) {
	what := method + " /api" + path
	encoded, err := json.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	var reader io.Reader = http.NoBody
	if body != nil {
		reader = bytes.NewReader(encoded)
	}
	request, err := http.NewRequestWithContext(ctx, method, m.endpoint+"/api"+path, reader)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	request.Header.Set("Authorization", "Bearer "+m.token)
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	status, header, answer, err := m.send(request)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	if status < 200 || status > 299 {
		r := &refusal{call: what, status: status}
		var told struct{ Code, Message string }
		if json.Unmarshal(answer, &told) == nil {
			r.code, r.message = printable(told.Code), printable(told.Message)
		}
		return nil, r
	}
	if into == nil {
		return header, nil
	}
	if err := json.Unmarshal(answer, into); err != nil {
		return nil, fmt.Errorf("%s: status %d, but not the JSON that Logto answers: %w", what, status, err)
	}
	return header, nil
}

func (m *management) send(request *http.Request) (status int, header http.Header, body []byte, err error) {
	response, err := m.http.Do(request)
	if err != nil {
		var failed *url.Error
		if errors.As(err, &failed) {
			err = failed.Err // it quotes the URL, and callers say which one
		}
		return 0, nil, nil, err
	}
	defer response.Body.Close()
	body, err = io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	if err == nil && len(body) > maxAnswer {
		err = fmt.Errorf("the answer is larger than %d MiB", maxAnswer>>20)
	}
	return response.StatusCode, response.Header, body, err
}

// list reads every page of a list. The query is for the API, and may be nil.
func list[T any](ctx context.Context, m *management, path string, query url.Values) ([]T, error) {
	var all []T
	asked := url.Values{"page_size": {strconv.Itoa(pageSize)}}
	for name, values := range query {
		asked[name] = values
	}
	for page := 1; page <= maxPages; page++ {
		asked.Set("page", strconv.Itoa(page))
		var some []T
		header, err := m.call(ctx, http.MethodGet, path+"?"+asked.Encode(), nil, &some)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
		total, err := strconv.Atoi(header.Get("Total-Number"))
		if err != nil || len(all) >= total || len(some) == 0 { // some lists come whole, without a number
			return all, nil
		}
	}
	return nil, fmt.Errorf("GET /api%s: more than %d pages", path, maxPages)
}

// unprocessable says whether Logto understood and said no.
func unprocessable(err error) bool {
	var r *refusal
	return errors.As(err, &r) && r.status == http.StatusUnprocessableEntity
}
