package hostile

import (
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// change makes one thing of an honest request different.
type change func(*draft)

// draft is a request and its token in the making. In every text of it, these stand for parts of the world: $issuer, $ISSUER
// (in upper case), $resource, $RESOURCE, $authority and $port (of the resource), $subject, $client, $kid, $KID, $canary,
// $victim, $VICTIM, $now, $realIDToken, $realRefreshToken. In the request also: $token, $id, and $meta, which is what params
// carry in the protocol revision, with a comma before it.
type draft struct {
	world          World
	protocol       string
	header, claims object
	input          []func(string) string // what happens to header and claims before they are signed
	sign           func(input string) []byte
	compact        []func(string) string // what happens to the finished token
	request        Request
}

func newDraft(w World, protocol string) *draft {
	d := &draft{world: w, protocol: protocol, sign: w.Keys.sign}
	d.header.members = []member{{"alg", `"` + w.Keys.Algorithm + `"`}, {"kid", `"$kid"`}, {"typ", `"at+jwt"`}}
	d.claims.members = []member{
		{"iss", `"$issuer"`}, {"sub", `"$subject"`}, {"aud", `"$resource"`}, {"client_id", `"$client"`}, {"scope", `"create:todos"`},
		{"iat", "$now"}, {"exp", d.after(5 * time.Minute)}, {"jti", `"hostile-1"`}, {"roles", `["User"]`},
	}
	d.request = Request{Method: http.MethodPost, Header: http.Header{
		"Accept":               {"application/json, text/event-stream"},
		"Authorization":        {"Bearer $token"},
		"Content-Type":         {"application/json"},
		"Mcp-Protocol-Version": {protocol},
	}}
	d.call("whoami", "{}")
	return d
}

// after is a NumericDate that far from now.
func (d *draft) after(distance time.Duration) string {
	return strconv.FormatInt(d.world.Now.Add(distance).Unix(), 10)
}

func (d *draft) token() string {
	expand := d.expander()
	input := encode(expand.Replace(d.header.String())) + "." + encode(expand.Replace(d.claims.String()))
	for _, edit := range d.input {
		input = edit(input)
	}
	token := input + "." + encode(string(d.sign(input)))
	for _, edit := range d.compact {
		token = edit(token)
	}
	return token
}

func (d *draft) expander(more ...string) *strings.Replacer {
	w := d.world
	_, authority, _ := strings.Cut(w.Resource, "://")
	authority, _, _ = strings.Cut(authority, "/")
	_, port, _ := strings.Cut(authority, ":")
	return strings.NewReplacer(append([]string{
		"$issuer", w.Issuer, "$ISSUER", strings.ToUpper(w.Issuer), "$resource", w.Resource, "$RESOURCE", strings.ToUpper(w.Resource),
		"$authority", authority, "$port", port, "$subject", w.Subject, "$client", w.Client,
		"$kid", w.Keys.ID, "$KID", strings.ToUpper(w.Keys.ID), "$canary", w.Canary, "$victim", w.Victim, "$VICTIM", strings.ToUpper(w.Victim), "$now", d.after(0),
		"$realIDToken", w.IDToken, "$realRefreshToken", w.RefreshToken,
	}, more...)...)
}

func encode(part string) string { return base64.RawURLEncoding.EncodeToString([]byte(part)) }

// header gives a header parameter a value, as JSON text; the empty text takes it out.
func header(name, value string) change { return func(d *draft) { d.header.set(name, value) } }

// claim gives a claim a value, as JSON text; the empty text takes it out.
func claim(name, value string) change { return func(d *draft) { d.claims.set(name, value) } }

// headerFirst and its like add a member where one of that name may be already.
func headerFirst(name, value string) change { return func(d *draft) { d.header.first(name, value) } }
func headerLast(name, value string) change  { return func(d *draft) { d.header.last(name, value) } }
func claimFirst(name, value string) change  { return func(d *draft) { d.claims.first(name, value) } }
func claimLast(name, value string) change   { return func(d *draft) { d.claims.last(name, value) } }

// headerText and claimsText replace the whole text; $self stands for what it was.
func headerText(text string) change {
	return func(d *draft) { d.header.text, d.header.isText = text, true }
}
func claimsText(text string) change {
	return func(d *draft) { d.claims.text, d.claims.isText = text, true }
}

// claimAt gives a claim a time, that far from now.
func claimAt(name string, distance time.Duration) change {
	return func(d *draft) { d.claims.set(name, d.after(distance)) }
}

// written changes how header and claims are written, before they are signed.
func written(edit func(input string) string) change {
	return func(d *draft) { d.input = append(d.input, edit) }
}

// edited changes the finished token.
func edited(edit func(token string) string) change {
	return func(d *draft) { d.compact = append(d.compact, edit) }
}

// token replaces the finished token by a text.
func token(text string) change {
	return func(d *draft) {
		d.compact = append(d.compact, func(string) string { return d.expander().Replace(text) })
	}
}

// together is several changes as one.
func together(changes ...change) change {
	return func(d *draft) {
		for _, c := range changes {
			c(d)
		}
	}
}
