package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

// A server takes 100 connections by default; ten for each of a few replicas leave room for others.
const postgresConnections = 10

// connectPostgres reads the URL as libpq does, PG* environment variables and ~/.pgpass included. It does not reach the
// server yet.
func connectPostgres(name string) (*Store, error) {
	config, err := parsePostgres(name)
	if err != nil {
		return nil, err
	}
	db := stdlib.OpenDB(*config)
	db.SetMaxOpenConns(postgresConnections)
	db.SetMaxIdleConns(postgresConnections)
	db.SetConnMaxIdleTime(5 * time.Minute)
	db.SetConnMaxLifetime(30 * time.Minute) // to follow a fail-over of DNS
	return &Store{write: db, read: db, location: locationOf(config), dialect: dialect{
		goose:   goose.DialectPostgres,
		prepare: preparePostgres,
		explain: func(err error) error { return explainPostgres(err, config) },
	}}, nil
}

// parsePostgres shows nothing of what it refuses: any part of it may be a password in the wrong place.
func parsePostgres(name string) (*pgx.ConnConfig, error) {
	_, rest, _ := strings.Cut(name, "://")
	authority, _, _ := strings.Cut(rest, "/")
	config, err := pgx.ParseConfig(name)
	if err != nil || strings.Count(rest, "@") > 1 || strings.Contains(rest, "@") && !strings.Contains(authority, "@") {
		return nil, errors.New("in PostgreSQL: want postgres://user:password@host:port/database?options with libpq's options " +
			"(such as sslmode=require), and with the special characters of the password percent-encoded (@ is %40, / is %2F); got something else")
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = 5 * time.Second
	}
	for parameter, value := range map[string]string{
		"application_name":   "todo-mcp",
		"synchronous_commit": "on",  // also where the server's default would answer before the disk has it
		"enable_sort":        "off", // a page comes from an index in its order; without statistics the planner would read and sort all todos
	} {
		if config.RuntimeParams[parameter] == "" {
			config.RuntimeParams[parameter] = value
		}
	}
	return config, nil
}

// locationOf is the URL without password and options.
func locationOf(config *pgx.ConnConfig) string {
	u := url.URL{Scheme: "postgres", User: url.User(config.User), Path: "/" + config.Database}
	if strings.HasPrefix(config.Host, "/") { // the folder of a Unix socket
		u.RawQuery = "host=" + config.Host
	} else {
		u.Host = net.JoinHostPort(config.Host, strconv.Itoa(int(config.Port)))
	}
	return u.String()
}

// preparePostgres checks the encoding, then makes replicas that start at once migrate one after the other. goose's own
// lock leaves the creation of its version table out, and is polled for each second.
func preparePostgres(ctx context.Context, db *sql.DB) (release func() error, err error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	var encoding string
	err = conn.QueryRowContext(ctx, `SHOW server_encoding`).Scan(&encoding)
	if err == nil && encoding != "UTF8" {
		err = fmt.Errorf("want a database of encoding UTF8, got %s: create it with ENCODING 'UTF8' TEMPLATE template0", encoding)
	}
	const key = 0x746f646f // "todo"; advisory locks are the database's own, and end with the connection at the latest
	if err == nil {
		_, err = conn.ExecContext(ctx, `SELECT pg_advisory_lock($1)`, key)
	}
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return func() error {
		_, err := conn.ExecContext(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock($1)`, key)
		return errors.Join(err, conn.Close())
	}, nil
}

// explainPostgres adds to PostgreSQL's words what to change.
func explainPostgres(err error, config *pgx.ConnConfig) error {
	var refusal *pgconn.PgError
	var connecting *pgconn.ConnectError
	switch {
	case errors.As(err, &refusal):
		if advice := advicePostgres(refusal.Code, config); advice != "" {
			return fmt.Errorf("%s: %w", advice, refusal)
		}
	case errors.As(err, &connecting):
		cause := strings.Join(strings.Fields(connecting.Unwrap().Error()), " ") // one line for all hosts tried
		return fmt.Errorf("no connection: check that PostgreSQL runs there and that the address, port and sslmode are right: %s", cause)
	}
	return err
}

// advicePostgres goes by https://www.postgresql.org/docs/current/errcodes-appendix.html.
func advicePostgres(code string, config *pgx.ConnConfig) string {
	switch code {
	case "28P01", "28000":
		return "the server does not let this user in: check user, password (PGPASSWORD and ~/.pgpass count too) and the server's pg_hba.conf"
	case "3D000":
		return fmt.Sprintf("the database %q does not exist: create it, or name another", config.Database)
	case "42501":
		return fmt.Sprintf("the user %q lacks a right: make it the database's owner, or GRANT USAGE, CREATE ON SCHEMA public", config.User)
	case "25006":
		return "the server is read-only: want the primary; with several hosts add target_session_attrs=read-write"
	case "53300":
		return fmt.Sprintf("the server has no free connection: each replica takes up to %d", postgresConnections)
	case "57P03":
		return "the server is not ready: try again when it has started"
	}
	return ""
}
