package realm

import (
	"cmp"
	"time"

	"mcpharness/internal/idp/store"
)

// readClientSessions reads how long a client's part in a session lasts. An export says it a second time, among the attributes.
func (t *translation) readClientSessions(r *Realm) {
	attributes := t.record.record("attributes")
	of := func(name string) time.Duration { return cmp.Or(t.seconds(name, 0), attributes.seconds(name, 0)) }
	r.OfflineEnds = t.flag("offlineSessionMaxLifespanEnabled", false)
	r.ClientSession = store.ClientSession{Idle: of("clientSessionIdleTimeout"), Most: of("clientSessionMaxLifespan"), OfflineIdle: of("clientOfflineSessionIdleTimeout")}
	offlineMost, clientsMost := t.seconds("offlineSessionMaxLifespan", 60*24*time.Hour), of("clientOfflineSessionMaxLifespan")
	if r.OfflineEnds { // measured: neither counts otherwise
		r.ClientSession.OfflineMost = cmp.Or(clientsMost, offlineMost)
	}
}

// ownSession is how long a client's part in a session lasts that says so itself.
func ownSession(attributes record) store.ClientSession {
	return store.ClientSession{
		Idle: attributes.seconds("client.session.idle.timeout", 0), Most: attributes.seconds("client.session.max.lifespan", 0),
		OfflineIdle: attributes.seconds("client.offline.session.idle.timeout", 0), OfflineMost: attributes.seconds("client.offline.session.max.lifespan", 0),
	}
}
