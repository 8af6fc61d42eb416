package scene

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"parley/whiteboard/ydoc"
)

// Names of the maps at the root of a board's document.
const (
	elementsRoot = "elements"
	metaRoot     = "meta"
)

// Limits of a board.
const (
	MaxElements     = 5_000
	MaxElementBytes = 200 << 10 // of one element as JSON
)

// Element is what is drawn, as far as it matters here. Lengths are in the units of the board, angles in radians.
type Element struct {
	ID, Type, Index       string
	X, Y, Width, Height   float64
	Angle                 float64
	Stroke, Background    string
	FillStyle, StrokeDash string
	StrokeWidth           float64
	Opacity               float64 // 0 to 100
	Rounded               bool
	Text                  string
	FontSize, LineHeight  float64
	TextAlign             string
	ContainerID           string       // of the shape or arrow that a text belongs to
	Points                [][2]float64 // of lines and strokes, from X, Y
	StartHead, EndHead    string
	FileID                string
	Name                  string // of a frame
}

// Scene is a board in the order in which it is painted.
type Scene struct {
	Elements   []Element
	Background string
}

// Read takes the elements out of a document.
func Read(doc *ydoc.Doc) *Scene {
	s := &Scene{}
	for id, value := range doc.Root(elementsRoot).Entries() {
		fields, ok := value.(map[string]any)
		if !ok || flag(fields, "isDeleted") {
			continue
		}
		e := elementOf(fields)
		e.ID = id
		s.Elements = append(s.Elements, e)
	}
	slices.SortStableFunc(s.Elements, func(a, b Element) int {
		return cmp.Or(strings.Compare(a.Index, b.Index), strings.Compare(a.ID, b.ID))
	})
	if background, ok := doc.Root(metaRoot).Entry("background"); ok {
		s.Background, _ = background.(string)
	}
	return s
}

func elementOf(f map[string]any) Element {
	e := Element{
		Type: text(f, "type"), Index: text(f, "index"), X: number(f, "x", 0), Y: number(f, "y", 0),
		Width: number(f, "width", 0), Height: number(f, "height", 0), Angle: number(f, "angle", 0),
		Stroke: text(f, "strokeColor"), Background: text(f, "backgroundColor"), FillStyle: text(f, "fillStyle"), StrokeDash: text(f, "strokeStyle"),
		StrokeWidth: number(f, "strokeWidth", 1), Opacity: number(f, "opacity", 100), Rounded: f["roundness"] != nil,
		Text: text(f, "text"), FontSize: number(f, "fontSize", 20), LineHeight: number(f, "lineHeight", 1.25), TextAlign: text(f, "textAlign"), ContainerID: text(f, "containerId"),
		StartHead: text(f, "startArrowhead"), EndHead: text(f, "endArrowhead"), FileID: text(f, "fileId"), Name: text(f, "name"),
	}
	if points, ok := f["points"].([]any); ok {
		e.Points = make([][2]float64, 0, len(points))
		for _, p := range points {
			if pair, ok := p.([]any); ok && len(pair) >= 2 {
				e.Points = append(e.Points, [2]float64{finite(pair[0], 0), finite(pair[1], 0)})
			}
		}
	}
	return e
}

func text(f map[string]any, key string) string {
	s, _ := f[key].(string)
	return s
}

func flag(f map[string]any, key string) bool {
	b, _ := f[key].(bool)
	return b
}

func number(f map[string]any, key string, otherwise float64) float64 {
	return finite(f[key], otherwise)
}

// maxCoordinate is far beyond what anybody draws; sums of such numbers stay exact.
const maxCoordinate = 1e7

func finite(v any, otherwise float64) float64 {
	f, ok := v.(float64)
	if !ok || math.IsNaN(f) || math.IsInf(f, 0) {
		return otherwise
	}
	return min(max(f, -maxCoordinate), maxCoordinate)
}

// Text is what is written on the board, a line for each line, from top to bottom as people read; cut after maxBytes.
func (s *Scene) Text(maxBytes int) string {
	written := slices.Clone(s.Elements)
	slices.SortStableFunc(written, func(a, b Element) int { return cmp.Or(cmp.Compare(a.Y, b.Y), cmp.Compare(a.X, b.X)) })
	var b strings.Builder
	for _, e := range written {
		line := e.Text
		if e.Type == "frame" || e.Type == "magicframe" {
			line = e.Name
		}
		if line = strings.TrimSpace(strings.ReplaceAll(line, "\x00", "")); line == "" { // PostgreSQL takes no NUL
			continue
		}
		if b.Len()+len(line) >= maxBytes {
			b.WriteString(clip(line, maxBytes-b.Len()))
			break
		}
		b.WriteString(line)
		b.WriteByte('\n')
	}
	return b.String()
}

// clip cuts a string to bytes, between characters.
func clip(s string, maxBytes int) string {
	if len(s) <= maxBytes {
		return s
	}
	for maxBytes > 0 && !utf8.RuneStart(s[maxBytes]) {
		maxBytes--
	}
	return s[:maxBytes]
}

// Files are the ids of the pictures on the board.
func (s *Scene) Files() []string {
	var ids []string
	seen := map[string]bool{}
	for _, e := range s.Elements {
		if e.Type == "image" && e.FileID != "" && !seen[e.FileID] {
			ids, seen[e.FileID] = append(ids, e.FileID), true
		}
	}
	return ids
}
