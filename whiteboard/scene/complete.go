package scene

import "hash/fnv"

// common are the fields that every element has; files of other programs and of older editors lack some.
var common = map[string]any{
	"x": 0, "y": 0, "width": 0, "height": 0, "angle": 0,
	"strokeColor": "#1e1e1e", "backgroundColor": "transparent", "fillStyle": "solid", "strokeStyle": "solid",
	"strokeWidth": 2, "roughness": 1, "opacity": 100, "roundness": nil, "groupIds": []any{}, "frameId": nil,
	"version": 1, "isDeleted": false, "boundElements": nil, "updated": 1, "link": nil, "locked": false,
}

// special are the further fields of a kind of element. What an element is, such as its points, has no default.
var special = map[string]map[string]any{
	"text": {
		"text": "", "fontSize": 20, "fontFamily": 5, "lineHeight": 1.25, "textAlign": "left", "verticalAlign": "top",
		"containerId": nil, "autoResize": true,
	},
	"line":     {"startBinding": nil, "endBinding": nil, "startArrowhead": nil, "endArrowhead": nil, "lastCommittedPoint": nil},
	"arrow":    {"startBinding": nil, "endBinding": nil, "startArrowhead": nil, "endArrowhead": "arrow", "lastCommittedPoint": nil, "elbowed": false},
	"freedraw": {"pressures": []any{}, "simulatePressure": true, "lastCommittedPoint": nil},
	"image":    {"fileId": nil, "scale": []any{1, 1}, "status": "saved", "crop": nil},
	"frame":    {"name": nil},
}

// complete gives an element the fields that it lacks, so that the editor can draw it: it passes over what is not whole.
func complete(e map[string]any) {
	for _, defaults := range []map[string]any{common, special[text(e, "type")]} {
		for key, value := range defaults {
			if _, there := e[key]; !there {
				e[key] = value
			}
		}
	}
	sum := fnv.New32a()
	sum.Write([]byte(text(e, "id")))
	for _, key := range []string{"seed", "versionNonce"} {
		if _, there := e[key]; !there {
			e[key] = int(sum.Sum32() >> 1)
		}
	}
	if e["type"] == "text" {
		if _, there := e["originalText"]; !there {
			e["originalText"] = e["text"]
		}
	}
}
