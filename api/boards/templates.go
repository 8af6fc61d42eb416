package boards

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"parley/whiteboard/scene"
	"parley/whiteboard/ydoc"
)

//go:embed templates/*.json
var templateFiles embed.FS

// templateNames is their order for people.
var templateNames = []string{"retrospective", "flowchart", "kanban", "brainstorm"}

// templateClient writes the documents of templates.
const templateClient = 1

// template is what a board can begin with.
type template struct {
	name    string
	version string // of the thumbnails
	titles  map[string]string
	states  map[string][]byte
	counts  map[string]int
	svgs    map[string][]byte
}

var locales = []string{"en", "zh-CN"}

// allTemplates are made when the program starts: a mistake in one of them must not wait for somebody to choose it.
var allTemplates = func() (list []template) {
	for _, name := range templateNames {
		t, err := loadTemplate(name)
		if err != nil {
			panic(fmt.Sprintf("boards: template %s: %v", name, err))
		}
		list = append(list, t)
	}
	return list
}()

func loadTemplate(name string) (template, error) {
	raw, err := templateFiles.ReadFile("templates/" + name + ".json")
	if err != nil {
		return template{}, err
	}
	var file struct {
		Title map[string]string `json:"title"`
		scene.Sketch
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		return template{}, err
	}
	t := template{name: name, titles: file.Title, states: map[string][]byte{}, counts: map[string]int{}, svgs: map[string][]byte{}}
	sum := sha256.New()
	for _, locale := range locales {
		state, err := file.Draw(locale).State(templateClient)
		if err != nil {
			return template{}, err
		}
		doc, err := ydoc.Load(ydoc.Limits{}, state)
		if err != nil {
			return template{}, err
		}
		drawn := scene.Read(doc)
		t.states[locale], t.counts[locale], t.svgs[locale] = state, len(drawn.Elements), drawn.Thumbnail(nil)
		sum.Write(t.svgs[locale])
	}
	t.version = hex.EncodeToString(sum.Sum(nil)[:8])
	return t, nil
}

// localeOf is the one of ours that fits.
func localeOf(locale string) string {
	if locale == "zh-CN" {
		return locale
	}
	return "en"
}

func (t template) title(locale string) string     { return t.titles[localeOf(locale)] }
func (t template) state(locale string) []byte     { return t.states[localeOf(locale)] }
func (t template) thumbnail(locale string) []byte { return t.svgs[localeOf(locale)] }

func templateNamed(name string) (template, bool) {
	for _, t := range allTemplates {
		if t.name == name {
			return t, true
		}
	}
	return template{}, false
}

// BoardTemplate is what a board can begin with.
type BoardTemplate struct {
	Name         string `json:"name" enum:"retrospective,flowchart,kanban,brainstorm"`
	Title        string `json:"title" doc:"In the language of the reader"`
	ElementCount int    `json:"elementCount"`
	ThumbnailURL string `json:"thumbnailUrl"`
}

// BoardTemplates are all there are.
type BoardTemplates struct {
	Items []BoardTemplate `json:"items"`
}

func listTemplates(locale string) []BoardTemplate {
	locale = localeOf(locale)
	list := make([]BoardTemplate, 0, len(allTemplates))
	for _, t := range allTemplates {
		list = append(list, BoardTemplate{
			Name: t.name, Title: t.titles[locale], ElementCount: t.counts[locale],
			ThumbnailURL: prefix + "/boards/templates/" + t.name + "/" + locale + "/thumbnail?v=" + t.version,
		})
	}
	return list
}
