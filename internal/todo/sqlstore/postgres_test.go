//go:build unix

package sqlstore_test

import (
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mcpharness/internal/testpostgres"
	"mcpharness/internal/todo"
	"mcpharness/internal/todo/sqlstore"
	"mcpharness/internal/todo/storetest"
)

func TestPostgres(t *testing.T) {
	t.Parallel()
	server := testpostgres.Start(t, false)
	for name, test := range map[string]func(*testing.T, *testpostgres.Server){
		"conformance":                     postgresConforms,
		"replicas that start at once":     postgresReplicasStart,
		"refusals say what to change":     postgresRefusals,
		"a user without the right to DDL": postgresLeastRights,
		"a newer program's schema":        postgresNewerSchema,
		"over TCP":                        postgresOverTCP,
		"every commit is on the disk":     postgresCommits,
		"a lost connection is replaced":   postgresReconnects,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, server)
		})
	}
}

func postgresConforms(t *testing.T, server *testpostgres.Server) {
	storetest.Run(t, func(t *testing.T) todo.Store { return open(t, server.NewDatabase(t)) })
}

func postgresReplicasStart(t *testing.T, server *testpostgres.Server) {
	database := server.NewDatabase(t)
	const replicas = 8
	stores, errs := make([]*sqlstore.Store, replicas), make([]error, replicas)
	var starting sync.WaitGroup
	for i := range replicas {
		starting.Go(func() { stores[i], errs[i] = sqlstore.Open(t.Context(), database) })
	}
	starting.Wait()
	for i := range replicas {
		require.NoError(t, errs[i])
		defer stores[i].Close()
		require.NoError(t, stores[i].Create(t.Context(), todo.Todo{ID: string(rune('a' + i)), Owner: owner}))
	}
	for _, s := range stores {
		got, err := s.List(t.Context(), todo.Reach{Owner: owner}, todo.Position{}, 100)
		require.NoError(t, err)
		require.Len(t, got, replicas)
	}
}

func postgresRefusals(t *testing.T, server *testpostgres.Server) {
	stranger, latin := server.NewDatabase(t), server.URL(testpostgres.Role, testpostgres.Password, "latin")
	server.Exec(t, stranger, "CREATE ROLE stranger LOGIN PASSWORD 'canary'")
	server.Exec(t, stranger, "CREATE DATABASE latin TEMPLATE template0 ENCODING LATIN1 LOCALE 'C'")
	nobody, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, nobody.Close())
	closed := nobody.Addr().String()

	const shape = "want postgres://user:password@host:port/database"
	for name, test := range map[string]struct {
		url  string
		want []string
	}{
		"wrong password":       {server.URL("todo", "canary", "postgres"), []string{`opening the todo database "postgres://todo@/postgres?host=/`, "does not let this user in: check user, password", "28P01"}},
		"unknown user":         {server.URL("nobody", "canary", "postgres"), []string{"does not let this user in", "nobody"}},
		"missing database":     {server.URL("todo", testpostgres.Password, "missing"), []string{`the database "missing" does not exist: create it`}},
		"no right to create":   {strings.Replace(stranger, url.UserPassword("todo", testpostgres.Password).String(), "stranger:canary", 1), []string{`the user "stranger" lacks a right: make it the database's owner, or GRANT`}},
		"encoding":             {latin, []string{"want a database of encoding UTF8, got LATIN1: create it with"}},
		"nobody listens":       {"postgres://todo:canary@" + closed + "/todos", []string{`"postgres://todo@` + closed + `/todos"`, "check that PostgreSQL runs there", "connection refused"}},
		"no such socket":       {"postgres://todo:canary@/todos?host=/nowhere", []string{"check that PostgreSQL runs there", "/nowhere"}},
		"unencoded @":          {"postgres://todo:canary@ry@localhost/todos", []string{shape, "@ is %40"}},
		"unencoded /":          {"postgres://todo:can/ary@localhost/todos", []string{shape}},
		"unencoded %":          {"postgres://todo:canary%zz@localhost/todos", []string{shape}},
		"port in letters":      {"postgres://todo:canary/todos", []string{shape}},
		"unknown sslmode":      {"postgres://todo:canary@localhost/todos?sslmode=canary", []string{shape}},
		"password as option":   {"postgres://todo@" + closed + "/todos?password=canary", []string{"check that PostgreSQL runs there"}},
		"another database":     {"mysql://todo:canary@localhost/todos", []string{`of type "mysql": want the path of a SQLite file, or a URL that starts with postgres://`}},
		"upper case":           {"POSTGRES://todo:canary@localhost/todos", []string{"want the path of a SQLite file, or a URL that starts with postgres://"}},
		"postgresql is a name": {"postgresql://todo:canary@" + closed + "/todos", []string{`"postgres://todo@` + closed + `/todos"`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := sqlstore.Open(t.Context(), test.url)
			require.Nil(t, s)
			for _, want := range test.want {
				require.ErrorContains(t, err, want)
			}
			require.NotContains(t, err.Error(), "canary", "no password")
			require.NotContains(t, err.Error(), "can/ary", "no password")
			require.NotContains(t, err.Error(), "\n", "one line")
		})
	}
}

// In production the owner of the tables often is another user than the server's.
func postgresLeastRights(t *testing.T, server *testpostgres.Server) {
	database := server.NewDatabase(t)
	require.NoError(t, open(t, database).Ping(t.Context()))
	server.Exec(t, database, "CREATE ROLE worker LOGIN PASSWORD 'canary'")
	server.Exec(t, database, "GRANT SELECT, INSERT, DELETE ON todos TO worker")
	server.Exec(t, database, "GRANT SELECT ON goose_db_version TO worker")
	s := open(t, strings.Replace(database, url.UserPassword("todo", testpostgres.Password).String(), "worker:canary", 1))
	require.NoError(t, s.Create(t.Context(), todo.Todo{ID: "A1", Owner: owner}))
	_, err := s.Delete(t.Context(), todo.Reach{Owner: owner}, "A1")
	require.NoError(t, err)
}

func postgresNewerSchema(t *testing.T, server *testpostgres.Server) {
	database := server.NewDatabase(t)
	require.NoError(t, open(t, database).Ping(t.Context()))
	server.Exec(t, database, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true)")
	_, err := sqlstore.Open(t.Context(), database)
	require.ErrorContains(t, err, "got 9999: a newer program wrote it")
}

func postgresOverTCP(t *testing.T, server *testpostgres.Server) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			backend, err := net.Dial("unix", server.Socket())
			if err != nil {
				_ = client.Close()
				continue
			}
			go func() { _, _ = io.Copy(backend, client); _ = backend.Close() }()
			go func() { _, _ = io.Copy(client, backend); _ = client.Close() }()
		}
	}()
	u, err := url.Parse(server.NewDatabase(t))
	require.NoError(t, err)
	u.Host, u.RawQuery = l.Addr().String(), ""
	s := open(t, u.String())
	require.NoError(t, s.Ping(t.Context()))
	require.Equal(t, "postgres://todo@"+l.Addr().String()+u.Path, s.Location())
}

func postgresCommits(t *testing.T, server *testpostgres.Server) {
	database := server.NewDatabase(t)
	u, err := url.Parse(database)
	require.NoError(t, err)
	server.Exec(t, database, "ALTER DATABASE "+strings.TrimPrefix(u.Path, "/")+" SET synchronous_commit = off")
	s := open(t, database)
	// A trigger sees what the session of a commit has set.
	server.Exec(t, database, `CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS
		$$ BEGIN NEW.content := current_setting('synchronous_commit'); RETURN NEW; END $$`)
	server.Exec(t, database, "CREATE TRIGGER look BEFORE INSERT ON todos FOR EACH ROW EXECUTE FUNCTION look()")
	require.NoError(t, s.Create(t.Context(), todo.Todo{ID: "A1", Owner: owner}))
	got, err := s.List(t.Context(), todo.Reach{Owner: owner}, todo.Position{}, 1)
	require.NoError(t, err)
	require.Equal(t, "on", got[0].Content)
}

func postgresReconnects(t *testing.T, server *testpostgres.Server) {
	database := server.NewDatabase(t)
	s := open(t, database)
	for i := range 3 {
		server.Exec(t, database, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
		// The first call may meet the broken connection; the store must not stay broken.
		require.Eventually(t, func() bool { return s.Ping(t.Context()) == nil }, 5*time.Second, time.Millisecond)
		require.NoError(t, s.Create(t.Context(), todo.Todo{ID: string(rune('a' + i)), Owner: owner}))
	}
}
