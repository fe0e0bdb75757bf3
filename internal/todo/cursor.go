package todo

import (
	"encoding/base64"
	"strconv"
	"strings"
	"time"
)

// Position is a place in the order of todos: after the todo with this creation time and id. The zero Position is
// before every todo.
type Position struct {
	CreatedAt time.Time
	ID        string
}

// A cursor is a Position that left the process. It is encoded to look opaque, not to be safe: whoever changes it
// only starts reading elsewhere among the todos within reach, because whose todos are listed never comes from it.
const cursorVersion = "v1"

// maxCursor bounds what is decoded; cursors made here have some 60 bytes.
const maxCursor = 256

func (p Position) cursor() string {
	text := cursorVersion + "." + strconv.FormatInt(p.CreatedAt.UnixMilli(), 10) + "." + p.ID
	return base64.RawURLEncoding.EncodeToString([]byte(text))
}

// parseCursor reads what cursor wrote. Anything else is an *InputError.
func parseCursor(cursor string) (Position, error) {
	broken := &InputError{
		Field: "cursor",
		Fault: "want the unchanged nextCursor of an earlier page, or none for the first page; got something else",
	}
	if len(cursor) > maxCursor {
		return Position{}, broken
	}
	text, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil {
		return Position{}, broken
	}
	parts := strings.Split(string(text), ".")
	if len(parts) != 3 || parts[0] != cursorVersion || parts[2] == "" {
		return Position{}, broken
	}
	ms, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil {
		return Position{}, broken
	}
	p := Position{CreatedAt: time.UnixMilli(ms).UTC(), ID: parts[2]}
	if p.cursor() != cursor { // one spelling a position: no "+1", no "007", no line breaks that base64 skips
		return Position{}, broken
	}
	return p, nil
}
