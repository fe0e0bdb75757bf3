package hostile

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Request is a case's request, ready to be sent.
type Request struct {
	Method string
	Query  string // of the URL
	Host   string // empty: the resource's
	Header http.Header
	Body   string
}

// Token writes the case's token, the same for every protocol revision.
func (c Case) Token(w World) string { return c.draft(w, "").token() }

// Request writes the case's request of a protocol revision, Modern or Legacy, with the case's token. Its Body has $id where
// the request's id belongs.
func (c Case) Request(w World, protocol, token string) Request {
	d := c.draft(w, protocol)
	expand := d.expander("$token", token, "$meta", meta(protocol))
	r := d.request
	r.Query, r.Host, r.Body = expand.Replace(r.Query), expand.Replace(r.Host), expand.Replace(r.Body)
	for name, values := range r.Header {
		r.Header[name] = slices.Clone(values)
		for i := range values {
			r.Header[name][i] = expand.Replace(values[i])
		}
	}
	return r
}

func (c Case) draft(w World, protocol string) *draft {
	d := newDraft(w, protocol)
	for _, apply := range c.changes {
		apply(d)
	}
	return d
}

// HTTP returns the request for the resource's URL. id is the JSON text of its id.
func (r Request) HTTP(ctx context.Context, resource, id string) (*http.Request, error) {
	target := resource
	if r.Query != "" {
		target += "?" + r.Query
	}
	body := strings.ReplaceAll(r.Body, "$id", id)
	request, err := http.NewRequestWithContext(ctx, r.Method, target, strings.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("making a hostile request: %w", err)
	}
	request.Header = r.Header
	if r.Host != "" {
		request.Host = r.Host
	}
	return request, nil
}

// Honest returns an honest token of the world, for calls between the cases.
func Honest(w World) string { return newDraft(w, "").token() }

// meta is what params must carry in the protocol revision.
func meta(protocol string) string {
	if protocol != Modern {
		return ""
	}
	return `,"_meta":{"io.modelcontextprotocol/protocolVersion":"` + Modern + `",` +
		`"io.modelcontextprotocol/clientInfo":{"name":"hostile","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}}`
}

// call makes the request a call of a tool, with the headers that belong to it.
func (d *draft) call(tool, arguments string) {
	d.request.Body = `{"jsonrpc":"2.0","id":$id,"method":"tools/call","params":{"name":"` + tool + `","arguments":` + arguments + `$meta}}`
	if d.protocol == Modern {
		d.request.Header.Set("Mcp-Method", "tools/call")
		d.request.Header.Set("Mcp-Name", tool)
	}
}

// calls makes the request a call of a tool.
func calls(tool, arguments string) change { return func(d *draft) { d.call(tool, arguments) } }

// deletes makes the request one to delete somebody else's todo.
func deletes() change { return calls("delete-todo", `{"id":"$victim"}`) }

// body replaces the body, and leaves the headers of the call that was there.
func body(text string) change { return func(d *draft) { d.request.Body = text } }

// method changes the HTTP method; the methods that carry no body lose it.
func method(name string) change {
	return func(d *draft) {
		d.request.Method = name
		if name != http.MethodPut && name != http.MethodPatch {
			d.request.Body = ""
		}
	}
}

// field sets an HTTP header; no values take it away.
func field(name string, values ...string) change {
	return func(d *draft) {
		if len(values) == 0 {
			d.request.Header.Del(name)
			return
		}
		d.request.Header[http.CanonicalHeaderKey(name)] = values
	}
}

// credentials replaces the Authorization headers.
func credentials(values ...string) change { return field("Authorization", values...) }

func query(text string) change { return func(d *draft) { d.request.Query = text } }

func host(name string) change { return func(d *draft) { d.request.Host = name } }

// nested is text in n pairs of brackets.
func nested(n int, text string) string { return strings.Repeat("[", n) + text + strings.Repeat("]", n) }
