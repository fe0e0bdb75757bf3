package walkthrough

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strings"
)

// refusal is step 11.
func (t *tour) refusal(ctx context.Context, p *page) error {
	plants, err := t.aliceCreates(ctx, p)
	if err != nil {
		return err
	}
	r := t.wire.now()
	told := t.bob.call(ctx, "delete-todo", map[string]any{"id": plants.ID})
	if _, err := t.refused(p, r); err != nil {
		return err
	}
	p.say("So the client signs bob in again, asking for what he had and what is missing:")
	request, err := r.next(http.MethodGet, t.server.Authorization)
	if err != nil {
		return fmt.Errorf("step-up: %w", err)
	}
	p.sent(request)
	seen, err := t.signIn(r, "bob")
	if err != nil {
		return fmt.Errorf("step-up: %w", err)
	}
	p.table([]row{{"scope", request.url.Query().Get("scope"), ""}, {"gets", strings.Join(seen.granted, " "), ""}, {"withheld", strings.Join(seen.withheld, " "), "not in the role User"}})
	second, err := t.refused(nil, r)
	if err != nil {
		return fmt.Errorf("after the step-up: %w", err)
	}
	p.say("The new token can do no more, so the same call ends in the same way, and bob is told:")
	p.wrapped(yellow, margin+"← ", margin+"    ", fmt.Sprintf("%d %s", second.status, compact(second.received)))
	const reason = "no todo of yours has this id; deleting others' needs delete:todos"
	if err := cmp.Or(
		expect("scope of the step-up", scopes("create:todos delete:todos"), scopes(request.url.Query().Get("scope"))),
		expect("scopes granted at the step-up", scopes("create:todos"), seen.granted),
		expect("scopes withheld at the step-up", scopes("delete:todos"), seen.withheld),
		expect("sign-ins of bob", 2, len(t.bob.pages)),
		expect("the client's error has the server's reason", true, told != nil && strings.Contains(told.Error(), reason)),
	); err != nil {
		return err
	}
	var list todoList
	bob := t.as(t.bob, ctx, p)
	bob.use("get-todos", nil, &list)
	if err := cmp.Or(bob.err, expect("bob's todos", []todo{t.kept}, list.Todos)); err != nil {
		return fmt.Errorf("the session after the refusal: %w", err)
	}
	p.proved("refused twice, asked for rights once, no loop; and bob's session lives on")
	return nil
}

// aliceCreates gives bob something that is not his.
func (t *tour) aliceCreates(ctx context.Context, p *page) (todo, error) {
	if err := t.alice.connect(ctx, t.endpoint); err != nil {
		return todo{}, fmt.Errorf("signing in as alice: %w", err)
	}
	p.say("alice has signed in the same way, and has a todo of her own:")
	var plants todo
	alice := t.as(t.alice, ctx, p)
	alice.use("create-todo", map[string]any{"content": "Water the plants"}, &plants)
	p.say("bob has learned its id, and tries:")
	return plants, cmp.Or(alice.err, expect("owner of alice's todo is bob", false, plants.Owner == t.subject))
}

// refused finds bob's refused call, shows it (p nil: not) and checks the challenge (RFC 6750 section 3.1).
func (t *tour) refused(p *page, r *reel) (exchange, error) {
	e, err := r.next(http.MethodPost, t.endpoint)
	if err != nil {
		return e, err
	}
	if p != nil {
		p.sent(e, "Mcp-Method", "Mcp-Name", "Authorization")
		p.received(e)
		p.challenged(e)
	}
	if err := expect("status", http.StatusForbidden, e.status); err != nil {
		return e, err
	}
	parameters, err := readChallenge(e)
	return e, cmp.Or(err,
		expect("error of the challenge", "insufficient_scope", parameters["error"]),
		expect("scope of the challenge", "delete:todos", parameters["scope"]),
		expect("resource_metadata of the challenge", t.metadataURL, parameters["resource_metadata"]),
	)
}

// admin is step 12.
func (t *tour) admin(ctx context.Context, p *page) error {
	var who struct {
		Subject       string
		Scopes, Roles []string
	}
	var before, left todoList
	var gone deletion
	alice, bob := t.as(t.alice, ctx, p), t.as(t.bob, ctx, p)
	alice.use("whoami", nil, &who)
	alice.use("get-todos", nil, &before)
	alice.use("delete-todo", map[string]any{"id": t.kept.ID}, &gone)
	if alice.err != nil {
		return alice.err
	}
	p.say("And bob, who now has none:")
	bob.use("get-todos", nil, &left)
	if err := cmp.Or(bob.err,
		expect("alice's scopes", scopes(todoScopes), scopes(strings.Join(who.Scopes, " "))),
		expect("alice's roles", []string{"Admin"}, who.Roles),
		expect("contents that alice sees", []string{"Call mum", "Water the plants"}, contents(before)),
		expect("deleted", t.kept, gone.Deleted),
		expect("contents that bob sees afterwards", nil, contents(left)),
	); err != nil {
		return err
	}
	p.proved("read:todos shows everybody's todos, delete:todos deletes them")
	return nil
}

// contents are sorted.
func contents(list todoList) []string {
	var all []string
	for _, item := range byContent(list.Todos...) {
		all = append(all, item.Content)
	}
	return all
}
