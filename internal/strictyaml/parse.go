package strictyaml

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// parse gives the content of the only document, or nil if there is none to look at.
func (d *decoder) parse(data []byte) *yaml.Node {
	if len(data) > MaxSize {
		d.fault(0, "", "larger than %d KiB; is it the right file?", MaxSize>>10)
		return nil
	}
	if at := invalidUTF8(data); at >= 0 {
		d.fault(1+bytes.Count(data[:at], []byte("\n")), "", "not UTF-8: byte 0x%02x; save the file as UTF-8", data[at])
		return nil
	}
	reader := yaml.NewDecoder(bytes.NewReader(data))
	var document, second yaml.Node
	switch err := reader.Decode(&document); {
	case errors.Is(err, io.EOF):
		d.fault(1, "", "the file is empty")
		return nil
	case err != nil:
		d.syntax(err)
		return nil
	}
	switch err := reader.Decode(&second); {
	case errors.Is(err, io.EOF):
	case err != nil:
		d.syntax(err)
	default:
		d.fault(second.Line, "", "a second document starts here; keep one, without \"---\" after it")
		d.broken = map[string]bool{} // the first one may still be judged
	}
	return document.Content[0]
}

func invalidUTF8(data []byte) int {
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}

var lineInError = regexp.MustCompile(`^line (\d+): `)

// syntax turns the library's error text into a fault. The library counts lines from 0 where its parser complains and from 1
// where its scanner does, and leaves line 0 out; the parser's messages are known by their beginning.
func (d *decoder) syntax(err error) {
	message := strings.TrimPrefix(err.Error(), "yaml: ")
	line := 0
	if m := lineInError.FindStringSubmatch(message); m != nil {
		line, _ = strconv.Atoi(m[1])
		message = message[len(m[0]):]
	}
	for _, token := range []string{"key", "node content", "'-' indicator", "',' or", "<document start>"} {
		if strings.HasPrefix(message, "did not find expected "+token) {
			line++
			message += " (in what begins here)"
		}
	}
	d.fault(max(line, 1), "", "not YAML: %s", message)
}
