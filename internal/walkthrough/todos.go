package walkthrough

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// todo is a todo on the wire.
type todo struct {
	ID      string `json:"id"`
	Content string `json:"content"`
	Owner   string `json:"ownerId"`
	Created string `json:"createdAt"`
}

type todoList struct {
	Todos []todo `json:"todos"`
}

type deletion struct {
	Deleted todo `json:"deleted"`
}

// result is the part of a JSON-RPC answer that the tour reads.
type result struct {
	Result struct {
		Structured json.RawMessage `json:"structuredContent"`
		Tools      []struct {
			Name string `json:"name"`
		} `json:"tools"`
	} `json:"result"`
}

// tools is step 9.
func (t *tour) tools(ctx context.Context, p *page) error {
	again, err := t.reel.next(http.MethodPost, t.endpoint)
	if err = cmp.Or(err, t.connected); err != nil {
		return t.ended(err)
	}
	p.sent(again, "MCP-Protocol-Version", "Authorization")
	p.body(compact(again.body, "_meta"))
	p.received(again)

	r := t.wire.now()
	if _, err := t.bob.session.ListTools(ctx, nil); err != nil {
		return fmt.Errorf("tools/list: %w", err)
	}
	list, err := r.next(http.MethodPost, t.endpoint)
	if err != nil {
		return err
	}
	var answer result
	if err := decode(list.received, &answer); err != nil {
		return err
	}
	var names []string
	for _, tool := range answer.Result.Tools {
		names = append(names, tool.Name)
	}
	p.wrapped(dim, margin+"→ ", margin+"  ", "tools/list")
	p.wrapped(plain, margin+"← ", margin+"  ", fmt.Sprintf("%d %s", list.status, strings.Join(names, ", ")))

	var who struct {
		Subject, Issuer, Client string
		Scopes, Roles           []string
	}
	bob := t.as(t.bob, ctx, p)
	bob.use("whoami", nil, &who)
	slices.Sort(names)
	if err := cmp.Or(bob.err,
		expect("status of the repeated call", http.StatusOK, again.status),
		expect("tools", []string{"create-todo", "delete-todo", "get-todos", "whoami"}, names),
		expect("subject", t.subject, who.Subject),
		expect("issuer", t.issuer, who.Issuer),
		expect("client", t.clientID, who.Client),
		expect("scopes", []string{"create:todos"}, who.Scopes),
		expect("roles", []string{"User"}, who.Roles),
	); err != nil {
		return err
	}
	p.proved("checked with the public keys of the issuer; whoami is what step 8 shows")
	return nil
}

// caller calls tools as one person. After a failure it calls nothing more.
type caller struct {
	tour    *tour
	visitor *visitor
	ctx     context.Context
	page    *page
	err     error
}

func (t *tour) as(v *visitor, ctx context.Context, p *page) *caller {
	return &caller{tour: t, visitor: v, ctx: ctx, page: p}
}

// use calls a tool that must succeed, shows the call and reads its result.
func (c *caller) use(tool string, arguments map[string]any, into any) {
	if c.err != nil {
		return
	}
	if err := c.call(tool, arguments, into); err != nil {
		c.err = fmt.Errorf("%s as %s: %w", tool, c.visitor.username, err)
	}
}

func (c *caller) call(tool string, arguments map[string]any, into any) error {
	r := c.tour.wire.now()
	called := c.visitor.call(c.ctx, tool, arguments)
	e, err := r.next(http.MethodPost, c.tour.endpoint)
	if err := cmp.Or(called, err); err != nil {
		return err
	}
	c.page.called(e, tool)
	var answer result
	if err := decode(e.received, &answer); err != nil {
		return err
	}
	var item todo
	if json.Unmarshal(answer.Result.Structured, &item) == nil {
		c.tour.wire.secrets.learn(item.ID) // no secrets, but long, and from here on shown often
		c.tour.wire.secrets.learn(item.Owner)
	}
	c.page.wrapped(plain, margin+"← ", margin+"    ", fmt.Sprintf("%d %s", e.status, compact(answer.Result.Structured, "createdAt")))
	return cmp.Or(expect("status", http.StatusOK, e.status), decode(answer.Result.Structured, into))
}

// called shows a tool call in short: how it goes over HTTP was shown before.
func (p *page) called(e exchange, tool string) {
	var request struct {
		Params struct {
			Arguments json.RawMessage `json:"arguments"`
		} `json:"params"`
	}
	_ = json.Unmarshal(e.body, &request) // the SDK wrote it
	p.wrapped(dim, margin+"→ ", margin+"  ", "tools/call "+tool+" "+compact(request.Params.Arguments))
}

// byContent sorts todos: of two that were made in the same millisecond either may come first.
func byContent(todos ...todo) []todo {
	return slices.SortedFunc(slices.Values(todos), func(a, b todo) int { return strings.Compare(a.Content, b.Content) })
}

// ownTodos is step 10.
func (t *tour) ownTodos(ctx context.Context, p *page) error {
	var milk todo
	var list todoList
	var gone deletion
	bob := t.as(t.bob, ctx, p)
	bob.use("create-todo", map[string]any{"content": "Buy milk"}, &milk)
	bob.use("create-todo", map[string]any{"content": "Call mum"}, &t.kept)
	bob.use("get-todos", nil, &list)
	bob.use("delete-todo", map[string]any{"id": milk.ID}, &gone)
	if err := cmp.Or(bob.err,
		expect("content", "Buy milk", milk.Content),
		expect("owner of the first todo", t.subject, milk.Owner),
		expect("owner of the second todo", t.subject, t.kept.Owner),
		expect("bob's todos", byContent(milk, t.kept), byContent(list.Todos...)),
		expect("deleted", milk, gone.Deleted),
	); err != nil {
		return err
	}
	p.proved("ownerId is the token's sub, never something that a client sends")
	return nil
}
