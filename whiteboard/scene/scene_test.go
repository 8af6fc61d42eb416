package scene

import (
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"testing"

	"parley/whiteboard/ydoc"
)

func board(t testing.TB, elements ...map[string]any) *Scene {
	t.Helper()
	doc := ydoc.New(ydoc.Limits{})
	_, err := doc.Edit(1, func(e *ydoc.Edit) {
		for i, element := range elements {
			id, ok := element["id"].(string)
			if !ok {
				id = fmt.Sprintf("e%02d", i)
			}
			e.Set("elements", id, element)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return Read(doc)
}

func ids(s *Scene) (list []string) {
	for _, e := range s.Elements {
		list = append(list, e.ID)
	}
	return list
}

func TestOrderIsThatOfTheIndex(t *testing.T) {
	s := board(t,
		map[string]any{"id": "c", "index": "a1"}, map[string]any{"id": "b", "index": "a1"}, map[string]any{"id": "a", "index": "a2"},
		map[string]any{"id": "d", "index": "Zz"}, map[string]any{"id": "gone", "index": "a0", "isDeleted": true}, map[string]any{"id": "e"},
	)
	if got := ids(s); !slices.Equal(got, []string{"e", "d", "b", "c", "a"}) {
		t.Error(got)
	}
}

func TestText(t *testing.T) {
	s := board(t,
		map[string]any{"type": "text", "text": "below", "y": 100}, map[string]any{"type": "text", "text": " 右\n第二行 ", "x": 50, "y": 1},
		map[string]any{"type": "text", "text": "left\x00", "x": 0, "y": 1}, map[string]any{"type": "frame", "name": "Frame", "y": -5},
		map[string]any{"type": "text", "text": 7}, map[string]any{"type": "rectangle"},
	)
	if got := s.Text(1000); got != "Frame\nleft\n右\n第二行\nbelow\n" {
		t.Errorf("%q", got)
	}
	for max, want := range map[int]string{13: "Frame\nleft\n", 15: "Frame\nleft\n右\n"} {
		if got := s.Text(max); got != want {
			t.Errorf("cut after %d bytes: %q", max, got)
		}
	}
}

// checkSVG reads the thumbnail as XML and refuses everything that could act or refer.
func checkSVG(t testing.TB, svg []byte) {
	t.Helper()
	allowed := []string{"svg", "rect", "g", "ellipse", "circle", "path", "text", "tspan", "image"}
	for d := xml.NewDecoder(strings.NewReader(string(svg))); ; {
		token, err := d.Token()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatalf("not XML: %v\n%s", err, svg)
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		if !slices.Contains(allowed, start.Name.Local) {
			t.Errorf("element %s", start.Name.Local)
		}
		for _, a := range start.Attr {
			switch {
			case strings.HasPrefix(strings.ToLower(a.Name.Local), "on"):
				t.Errorf("attribute %s", a.Name.Local)
			case a.Name.Local == "href" && !strings.HasPrefix(a.Value, "data:image/jpeg;base64,"):
				t.Errorf("refers to %s", a.Value)
			case a.Name.Local != "xmlns" && a.Name.Local != "href" && strings.Contains(a.Value, ":"):
				t.Errorf("%s=%q", a.Name.Local, a.Value)
			case strings.Contains(a.Value, "NaN") || strings.Contains(a.Value, "Inf"):
				t.Errorf("%s=%q", a.Name.Local, a.Value)
			}
		}
	}
}

func TestThumbnail(t *testing.T) {
	s := board(t,
		map[string]any{"type": "rectangle", "x": 0, "y": 0, "width": 100, "height": 50, "strokeColor": "#1971c2", "backgroundColor": "#a5d8ff", "fillStyle": "solid", "roundness": map[string]any{"type": 3}},
		map[string]any{"type": "diamond", "x": 200, "y": 0, "width": 100, "height": 50, "strokeStyle": "dashed", "strokeColor": "red"},
		map[string]any{"type": "ellipse", "x": 0, "y": 100, "width": 100, "height": 50, "angle": 1.0, "opacity": 40, "backgroundColor": "yellow", "fillStyle": "hachure"},
		map[string]any{"type": "arrow", "x": 0, "y": 0, "width": 100, "height": 100, "points": []any{[]any{0, 0}, []any{100, 100}}, "endArrowhead": "triangle", "startArrowhead": "dot", "strokeColor": "#000"},
		map[string]any{"type": "freedraw", "x": 10, "y": 10, "width": 90, "height": 9, "points": []any{[]any{0, 0}, []any{5, 5}, []any{50, 9}, []any{90, 0}}},
		map[string]any{"type": "text", "x": 0, "y": 200, "width": 100, "height": 50, "text": "a < b & \"c\"\n白板", "fontSize": 20, "textAlign": "center"},
		map[string]any{"type": "text", "x": 0, "y": 900, "width": 100, "height": 5, "text": "far too small to be read", "fontSize": 4},
		map[string]any{"type": "text", "x": 0, "y": 100, "width": 100, "height": 50, "text": "label", "fontSize": 20, "containerId": "e03"},
		map[string]any{"type": "frame", "x": -10, "y": -10, "width": 400, "height": 400, "name": "Frame"},
		map[string]any{"type": "image", "x": 300, "y": 300, "width": 50, "height": 50, "fileId": "known"},
		map[string]any{"type": "image", "x": 300, "y": 400, "width": 50, "height": 50, "fileId": "unknown"},
	)
	svg := s.Thumbnail(map[string]Picture{"known": {"image/jpeg", []byte("jpeg")}})
	checkSVG(t, svg)
	for _, want := range []string{
		`<rect x="0" y="0" width="100" height="50" rx="12.5" fill="#a5d8ff" stroke="#1971c2"`, `stroke-dasharray="`, `rotate(57.3 50 125)`, `opacity="0.4"`,
		`fill="yellow" fill-opacity="0.5"`, `<circle`, `Q`, `a &lt; b &amp; &quot;c&quot;`, `白板`, `paint-order="stroke"><tspan x="0" y="119.5">label`, `href="data:image/jpeg;base64,anBlZw=="`, `#eceff3`, `stroke="#bbbbbb"`,
	} {
		if !strings.Contains(string(svg), want) {
			t.Errorf("no %s in\n%s", want, svg)
		}
	}
	if strings.Contains(string(svg), "too small") {
		t.Error("text is drawn that cannot be read")
	}
	if got := s.Files(); !slices.Equal(got, []string{"known", "unknown"}) {
		t.Error(got)
	}
}

func TestThumbnailOfHostileElements(t *testing.T) {
	bad := `"/><script>alert(1)</script><rect x="`
	var elements []map[string]any
	for _, kind := range append(slices.Clone(elementTypes), "script", bad) {
		elements = append(elements, map[string]any{
			"type": kind, "x": 1e300, "y": -1e300, "width": 1e308, "height": 5.0, "angle": 1e300, "opacity": 1e9, "strokeWidth": 1e300, "fontSize": -5, "lineHeight": 1e300,
			"strokeColor": bad, "backgroundColor": "url(https://example.com/x)", "strokeStyle": bad, "fillStyle": bad, "textAlign": bad, "roundness": bad,
			"text": bad + "\x01\u202e", "name": bad, "fileId": bad, "startArrowhead": bad, "endArrowhead": bad, "points": []any{[]any{0, 0}, "no", []any{1}, []any{1e300, -1e300}, []any{bad, nil}},
		}, map[string]any{"type": kind, "x": "1", "points": "2", "width": nil}, map[string]any{"type": kind, "points": []any{}})
	}
	s := board(t, elements...)
	s.Background = bad
	checkSVG(t, s.Thumbnail(map[string]Picture{bad: {"text/html", []byte(bad)}}))
	checkSVG(t, (&Scene{}).Thumbnail(nil))
}

func TestThumbnailIsBounded(t *testing.T) {
	var points []any
	for i := range 20_000 {
		points = append(points, []any{float64(i%100) * 7, float64(i%97) * 9})
	}
	s := &Scene{}
	for i := range 80 { // of 200 KiB, which is all that a board holds
		s.Elements = append(s.Elements, elementOf(map[string]any{"type": "freedraw", "points": points, "x": float64(i % 10)}))
	}
	if n := len(s.Thumbnail(nil)); n > 2*maxThumbnail {
		t.Errorf("%d bytes", n)
	}
}

func TestThumbnailOfManyShowsTheLargest(t *testing.T) {
	s := &Scene{}
	for i := range MaxElements {
		s.Elements = append(s.Elements, Element{Type: "rectangle", X: float64(i), Width: 50 + float64(i), Height: 40, Opacity: 100, Stroke: "#000"})
	}
	svg := string(s.Thumbnail(nil))
	if n := strings.Count(svg, "<rect"); n != maxPainted+1 || strings.Contains(svg, `width="60"`) || !strings.Contains(svg, `width="5049"`) {
		t.Errorf("%d elements", n)
	}
}

func TestParseDrawing(t *testing.T) {
	picture := "data:image/png;base64," + base64.StdEncoding.EncodeToString([]byte("png"))
	file := `{"type":"excalidraw","version":2,"source":"https://excalidraw.com","appState":{"viewBackgroundColor":"#ffeedd","gridModeEnabled":true},
		"files":{"f":{"mimeType":"image/png","id":"f","dataURL":"` + picture + `"},"unused":{"dataURL":"` + picture + `"},"bad":{"dataURL":"https://example.com/x.png"}},
		"elements":[{"id":"one","type":"rectangle","x":1},{"id":"two","type":"text","text":"文"},{"id":"gone","type":"text","isDeleted":true},{"id":"odd","type":"selection"},
		{"type":"text"},{"id":"one","type":"ellipse"},{"id":"img","type":"image","fileId":"f"},{"id":"img2","type":"image","fileId":"bad"},{"id":"big","type":"text","text":"` + strings.Repeat("x", MaxElementBytes) + `"}]}`
	d, err := ParseDrawing([]byte(file))
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Elements) != 4 || len(d.Files) != 1 || string(d.Files["f"]) != "png" || d.Meta["background"] != "#ffeedd" || d.Meta["grid"] != true {
		t.Errorf("%+v", d)
	}
	d.RenameFiles(map[string]string{"f": "renamed"})
	state, err := d.State(5)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := ydoc.Load(ydoc.Limits{}, state)
	if err != nil {
		t.Fatal(err)
	}
	s := Read(doc)
	if got := ids(s); !slices.Equal(got, []string{"one", "two", "img"}) || s.Background != "#ffeedd" || s.Elements[2].FileID != "renamed" {
		t.Errorf("%v %+v", got, s)
	}
	for name, bad := range map[string]string{"no JSON": "<svg>", "another type": `{"type":"excalidrawlib","elements":[]}`, "elements of no kind": `{"type":"excalidraw","elements":{}}`, "nothing": ""} {
		if _, err := ParseDrawing([]byte(bad)); !errors.Is(err, ErrNoDrawing) {
			t.Errorf("%s: %v", name, err)
		}
	}
	many := make([]map[string]any, MaxElements+1)
	for i := range many {
		many[i] = map[string]any{"id": fmt.Sprint(i), "type": "line"}
	}
	raw, err := json.Marshal(map[string]any{"type": "excalidraw", "elements": many})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ParseDrawing(raw); !errors.Is(err, ErrTooLarge) {
		t.Error(err)
	}
}

func TestDrawingBeyondTheStateIsRefused(t *testing.T) {
	d := &Drawing{}
	for i := range 100 {
		d.Elements = append(d.Elements, map[string]any{"id": fmt.Sprint(i), "type": "text", "text": strings.Repeat("x", 190<<10)})
	}
	if _, err := d.State(1); !errors.Is(err, ErrTooLarge) {
		t.Error(err)
	}
}

func TestIndexes(t *testing.T) {
	list := Indexes(5000)
	if !slices.IsSorted(list) || len(slices.Compact(slices.Clone(list))) != 5000 {
		t.Error("not in order")
	}
	for i, want := range map[int]string{0: "a0", 1: "a1", 61: "az", 62: "b00", 63: "b01", 62 + 62: "b10", 62 + 62*62 - 1: "bzz", 62 + 62*62: "c000"} {
		if list[i] != want {
			t.Errorf("%d: %s, want %s", i, list[i], want)
		}
	}
}

func TestSketch(t *testing.T) {
	s := Sketch{Shapes: []Shape{
		{ID: "a", Type: "rectangle", Width: 200, Height: 100, Fill: "#ffec99", Text: map[string]string{"en": "a long text that does not fit one line", "zh-CN": "一段放不进一行的比较长的文字，会换行"}},
		{ID: "b", Type: "diamond", X: 400, Width: 200, Height: 100},
		{Type: "arrow", From: "a.right", To: "b.left", Text: map[string]string{"en": "Yes", "zh-CN": "是"}},
		{Type: "text", X: 5, Y: 300, Text: map[string]string{"en": "free", "zh-CN": "自由"}},
		{Type: "line", X: 5, Y: 400, Width: 50},
	}}
	for _, language := range []string{"en", "zh-CN"} {
		d := s.Draw(language)
		byID := map[string]map[string]any{}
		for _, e := range d.Elements {
			if byID[text(e, "id")] != nil {
				t.Errorf("two elements are %s", text(e, "id"))
			}
			byID[text(e, "id")] = e
		}
		if len(d.Elements) != 7 {
			t.Fatalf("%d elements", len(d.Elements))
		}
		label := d.Elements[1]
		if !strings.Contains(text(label, "text"), "\n") || strings.Contains(text(label, "originalText"), "\n") || label["containerId"] != d.Elements[0]["id"] {
			t.Errorf("%+v", label)
		}
		if width := label["width"].(float64); width > 200 || width < 50 {
			t.Errorf("the text is %v wide", width)
		}
		arrow := d.Elements[3]
		if arrow["x"] != 206.0 || fmt.Sprint(arrow["points"]) != "[[0 0] [188 0]]" {
			t.Errorf("%+v", arrow)
		}
		for _, e := range d.Elements {
			for _, b := range e["boundElements"].([]any) {
				if byID[text(b.(map[string]any), "id")] == nil {
					t.Errorf("%v is bound to what is not there", e["id"])
				}
			}
		}
		if _, err := d.State(1); err != nil {
			t.Error(err)
		}
	}
}

func TestWrap(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", ""}, {"one", "one"}, {"one two three", "one two\nthree"}, {"一二三四五六", "一二三四五\n六"}, {"一二三四五，六", "一二三四\n五，六"},
		{"averyverylongword", "averyverylongword"}, {"a\nb", "a\nb"},
	} {
		if got := wrap(c.text, 100, 20); got != c.want {
			t.Errorf("%q: %q, want %q", c.text, got, c.want)
		}
	}
}

// FuzzThumbnail draws whatever elements there are.
func FuzzThumbnail(f *testing.F) {
	for _, kind := range elementTypes {
		f.Add(fmt.Sprintf(`{"type":%q,"x":1,"y":2,"width":30,"height":40,"angle":1,"text":"<a>","points":[[0,0],[5,5],[9,1]],"endArrowhead":"arrow","fileId":"f","strokeColor":"#123"}`, kind))
	}
	f.Fuzz(func(t *testing.T, raw string) {
		var fields map[string]any
		if json.Unmarshal([]byte(raw), &fields) != nil {
			t.Skip()
		}
		s := &Scene{Elements: []Element{elementOf(fields), {Type: "rectangle", Width: math.Pi, Height: 1}}, Background: text(fields, "strokeColor")}
		checkSVG(t, s.Thumbnail(map[string]Picture{"f": {"image/jpeg", []byte(raw)}}))
		s.Text(100)
	})
}

// FuzzParseDrawing makes documents of whatever files there are.
func FuzzParseDrawing(f *testing.F) {
	f.Add([]byte(`{"type":"excalidraw","elements":[{"id":"a","type":"text","text":"x"},{"id":"b","type":"image","fileId":"f"}],"files":{"f":{"dataURL":"data:image/png;base64,AA=="}}}`))
	f.Fuzz(func(t *testing.T, file []byte) {
		d, err := ParseDrawing(file)
		if err != nil {
			return
		}
		d.RenameFiles(map[string]string{"f": "g"})
		state, err := d.State(1)
		if err != nil {
			return
		}
		doc, err := ydoc.Load(ydoc.Limits{}, state)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(Read(doc).Elements); n != len(d.Elements) {
			t.Errorf("%d elements of %d", n, len(d.Elements))
		}
	})
}
