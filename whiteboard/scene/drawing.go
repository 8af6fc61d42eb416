package scene

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"parley/whiteboard/ydoc"
)

var (
	// ErrNoDrawing says that a file is no .excalidraw file.
	ErrNoDrawing = errors.New("scene: not an Excalidraw drawing")
	// ErrTooLarge says that a drawing has more elements than a board may have.
	ErrTooLarge = errors.New("scene: too many elements")
)

// elementTypes are what a board can hold.
var elementTypes = []string{"rectangle", "diamond", "ellipse", "line", "arrow", "freedraw", "text", "image", "frame", "magicframe", "embeddable", "iframe"}

// Drawing is what a new board is made of: whole Excalidraw elements from the back to the front, and their pictures.
type Drawing struct {
	Elements []map[string]any
	Meta     map[string]any
	Files    map[string][]byte // by file id; only those that elements show
}

// ParseDrawing reads an .excalidraw file (excalidraw docs, "JSON Schema"). Elements that are deleted, of an unknown type or
// larger than MaxElementBytes are left out, and so are pictures that no element shows. The error is ErrNoDrawing or ErrTooLarge.
func ParseDrawing(file []byte) (*Drawing, error) {
	var raw struct {
		Type     string            `json:"type"`
		Elements []json.RawMessage `json:"elements"`
		AppState map[string]any    `json:"appState"`
		Files    map[string]struct {
			DataURL string `json:"dataURL"`
		} `json:"files"`
	}
	if err := json.Unmarshal(file, &raw); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoDrawing, err)
	}
	if raw.Type != "excalidraw" {
		return nil, ErrNoDrawing
	}
	d := &Drawing{Meta: map[string]any{}, Files: map[string][]byte{}}
	seen := map[string]bool{}
	for _, content := range raw.Elements {
		e, ok := usable(content)
		if !ok || seen[text(e, "id")] {
			continue
		}
		if len(d.Elements) == MaxElements {
			return nil, ErrTooLarge
		}
		seen[text(e, "id")] = true
		d.Elements = append(d.Elements, e)
		if data, ok := decodeDataURL(raw.Files[text(e, "fileId")].DataURL); ok {
			d.Files[text(e, "fileId")] = data
		}
	}
	if background := text(raw.AppState, "viewBackgroundColor"); colour(background, "") != "" && background != "transparent" {
		d.Meta["background"] = background
	}
	if flag(raw.AppState, "gridModeEnabled") {
		d.Meta["grid"] = true
	}
	return d, nil
}

// usable reads an element that can be on a board. What cannot is not read further than needed.
func usable(content json.RawMessage) (map[string]any, bool) {
	var head struct {
		ID        string `json:"id"`
		Type      string `json:"type"`
		IsDeleted bool   `json:"isDeleted"`
	}
	if len(content) > MaxElementBytes || json.Unmarshal(content, &head) != nil {
		return nil, false
	}
	if head.ID == "" || len(head.ID) > maxIDBytes || head.IsDeleted || !slices.Contains(elementTypes, head.Type) {
		return nil, false
	}
	var e map[string]any
	if json.Unmarshal(content, &e) != nil || text(e, "id") != head.ID || text(e, "type") != head.Type {
		return nil, false
	}
	complete(e)
	return e, true
}

// maxIDBytes bounds the ids of elements.
const maxIDBytes = 128

// decodeDataURL reads the base64 form (RFC 2397), in which drawings keep pictures.
func decodeDataURL(s string) ([]byte, bool) {
	head, body, ok := strings.Cut(s, ",")
	if !ok || !strings.HasPrefix(head, "data:image/") || !strings.HasSuffix(head, ";base64") {
		return nil, false
	}
	data, err := base64.StdEncoding.DecodeString(body)
	return data, err == nil
}

// RenameFiles lets elements point at other ids of pictures. Pictures that have none are elements no more.
func (d *Drawing) RenameFiles(ids map[string]string) {
	d.Elements = slices.DeleteFunc(d.Elements, func(e map[string]any) bool {
		if text(e, "type") != "image" {
			return false
		}
		id, ok := ids[text(e, "fileId")]
		e["fileId"], e["status"] = id, "saved"
		return !ok
	})
}

// State is the drawing as a document of a board, one Yjs update in the name of client.
func (d *Drawing) State(client uint64) ([]byte, error) {
	doc := ydoc.New(ydoc.Limits{})
	indexes := Indexes(len(d.Elements))
	_, err := doc.Edit(client, func(e *ydoc.Edit) {
		for i, element := range d.Elements {
			element = maps.Clone(element)
			element["index"] = indexes[i]
			e.Set(elementsRoot, text(element, "id"), element)
		}
		for _, key := range slices.Sorted(maps.Keys(d.Meta)) {
			e.Set(metaRoot, key, d.Meta[key])
		}
	})
	if err != nil {
		return nil, err
	}
	state := doc.Encode()
	if _, err := ydoc.New(ydoc.Limits{Update: len(state)}).Apply(state); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrTooLarge, err)
	}
	return state, nil
}

// digits are those of fractional indexes, in the order of their bytes.
const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// Indexes are n fractional indexes in order, as the editor makes them (npm fractional-indexing, generateNKeysBetween(null,
// null, n)): "a0" to "az", "b00" to "bzz", and so on.
func Indexes(n int) []string {
	list := make([]string, n)
	width, next, end := 1, 0, len(digits)
	for i := range list {
		if next == end {
			width, next, end = width+1, 0, end*len(digits)
		}
		var b bytes.Buffer
		b.WriteByte(byte('a' + width - 1))
		for place, rest := end/len(digits), next; place > 0; place /= len(digits) {
			b.WriteByte(digits[rest/place])
			rest %= place
		}
		list[i], next = b.String(), next+1
	}
	return list
}
