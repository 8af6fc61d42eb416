package scene_test

import (
	"testing"

	"parley/whiteboard/scene"
)

// What the editor asks of an element: web/src/core/boards/element.ts.
var needed = map[string][]string{
	"rectangle": nil,
	"text":      {"text", "fontSize", "fontFamily", "lineHeight", "originalText"},
	"freedraw":  {"pressures"},
	"image":     {"scale", "fileId"},
	"frame":     {"name"},
}

func TestSparseElementsAreCompleted(t *testing.T) {
	everywhere := []string{
		"x", "y", "width", "height", "angle", "opacity", "strokeWidth", "roughness", "seed", "strokeColor", "backgroundColor",
		"fillStyle", "strokeStyle", "version", "versionNonce", "groupIds", "boundElements",
	}
	for kind, fields := range needed {
		t.Run(kind, func(t *testing.T) {
			d, err := scene.ParseDrawing([]byte(`{"type":"excalidraw","elements":[{"id":"a","type":"` + kind + `","x":7,"strokeColor":"#ff0000"}]}`))
			if err != nil || len(d.Elements) != 1 {
				t.Fatalf("%d elements, %v", len(d.Elements), err)
			}
			e := d.Elements[0]
			for _, field := range append(everywhere, fields...) {
				if _, there := e[field]; !there {
					t.Errorf("no %s", field)
				}
			}
			if e["x"] != 7.0 || e["strokeColor"] != "#ff0000" {
				t.Errorf("x %v, strokeColor %v: what was there was lost", e["x"], e["strokeColor"])
			}
		})
	}
}
