package realm

import "slices"

// DocumentPolicy says which URLs are taken for a client_id, as a client policy has it: the condition client-id-uri, and the executor
// client-id-metadata-document of one of its profiles.
type DocumentPolicy struct {
	// Schemes and Hosts are those of such URLs: host names, or *.example.com for a domain and what is below it.
	Schemes, Hosts   []string
	TrustedHosts     []string // the same for all addresses: of the document, in it, and in the authorization request
	AllowHTTP        bool     // not only https, for documents and the addresses in them
	Required         []string // members that a document must have
	ConfidentialOnly bool     // clients without a secret or key are refused
}

// readDocumentPolicy finds the client policy for documents among the file's; nil where there is none.
func (t *translation) readDocumentPolicy() *DocumentPolicy {
	profiles := map[string]record{} // by name: the executor's configuration
	all := t.record.record("clientProfiles")
	for o := range all.records("profiles", "name") {
		name := o.required("name")
		for executor := range o.records("executors", "executor") {
			if executor.text("executor") == "client-id-metadata-document" {
				profiles[name] = executor.record("configuration")
			} else {
				t.unimitate(executor.path, "no client policy executor "+executor.text("executor"))
			}
		}
	}
	var found *DocumentPolicy
	policies := t.record.record("clientPolicies")
	for o := range policies.records("policies", "name") {
		used := slices.DeleteFunc(o.texts("profiles"), func(name string) bool { _, has := profiles[name]; return !has })
		if !o.flag("enabled", false) || len(used) == 0 {
			t.unimitate(o.path, "no client policies but for client documents")
			continue
		}
		for condition := range o.records("conditions", "condition") {
			if condition.text("condition") != "client-id-uri" {
				t.unimitate(condition.path, "no client policy condition "+condition.text("condition"))
				continue
			}
			found = t.documentPolicy(condition.record("configuration"), profiles[used[0]])
		}
	}
	return found
}

func (t *translation) documentPolicy(condition, executor record) *DocumentPolicy {
	policy := &DocumentPolicy{
		Schemes: condition.texts("client-id-uri-scheme"), Hosts: condition.texts("client-id-uri-allow-permitted-domains"),
		TrustedHosts: executor.texts("cimd-allow-permitted-domains"), AllowHTTP: executor.flag("cimd-allow-http-scheme", false),
		Required: executor.texts("cimd-required-properties"), ConfidentialOnly: executor.flag("only-allow-confidential-client", false),
	}
	for _, o := range []record{condition, executor} {
		for _, name := range []string{"is-negative-logic", "cimd-restrict-same-domain"} {
			if o.flag(name, false) {
				t.unimitate(join(o.path, name), "no "+name+" in client policies")
			}
		}
		o.rest("configuration")
	}
	return policy
}
