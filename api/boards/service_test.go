package boards

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/internal/authz"
	"parley/internal/fault"
	"parley/whiteboard/scene"
	"parley/whiteboard/ydoc"

	"github.com/google/uuid"
)

func titles(p *BoardPage) (list []string) {
	for _, b := range p.Items {
		list = append(list, b.Title)
	}
	return list
}

func (w *world) list(t testing.TB, p authz.Principal, query string) *BoardPage {
	t.Helper()
	var page BoardPage
	w.json(t, p, "GET", "/boards?"+query, "", 200, &page)
	return &page
}

func TestListPages(t *testing.T) {
	w := newWorld(t)
	ada := w.person(t, "Ada")
	var want []string
	for i := range 7 {
		if i%3 != 0 {
			w.later(time.Minute) // some are of the same moment
		}
		title := fmt.Sprint("Board ", i)
		w.board(t, ada, Draft{Title: title})
		want = append([]string{title}, want...)
	}
	var got []string
	for cursor, pages := "", 0; ; pages++ {
		page := w.list(t, ada, "filter=mine&limit=2&cursor="+cursor)
		got = append(got, titles(page)...)
		if cursor = page.NextCursor; cursor == "" {
			if pages != 3 {
				t.Errorf("%d pages", pages+1)
			}
			break
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	w.json(t, ada, "GET", "/boards?cursor=nonsense", "", 422, nil)
	w.json(t, ada, "GET", "/boards?filter=others", "", 422, nil)
}

func TestListsOfDepartments(t *testing.T) {
	w := newWorld(t)
	ada, bob := w.person(t, "Ada"), w.person(t, "Bob")
	above := w.department(t, "Product", uuid.Nil)
	team := w.department(t, "Platform", above, ada, bob)
	other := w.department(t, "Finance", uuid.Nil)
	b := w.board(t, ada, Draft{Title: "Team plan", DepartmentID: &team})
	if b.Place.Kind != "department" || b.Place.DepartmentName != "Platform" || b.SharedWith != 1 {
		t.Errorf("%+v", b)
	}
	w.board(t, ada, Draft{Title: "Own"})
	if got := titles(w.list(t, bob, "filter=department")); !slices.Equal(got, []string{"Team plan"}) {
		t.Error(got)
	}
	if got := titles(w.list(t, bob, "departmentId="+above.String())); got != nil {
		t.Error(got)
	}
	path := "/boards/" + b.ID.String()
	w.json(t, ada, "PATCH", path, fmt.Sprintf(`{"departmentId":%q}`, above), 200, b)
	if got := titles(w.list(t, bob, "filter=department&departmentId="+above.String())); !slices.Equal(got, []string{"Team plan"}) {
		t.Error(got)
	}
	w.json(t, ada, "PATCH", path, fmt.Sprintf(`{"departmentId":%q}`, other), 404, nil)
	w.json(t, ada, "PATCH", path, `{"departmentId":"elsewhere"}`, 404, nil)
	w.json(t, ada, "POST", "/boards", fmt.Sprintf(`{"departmentId":%q}`, other), 404, nil)
	w.json(t, ada, "PATCH", path, `{"departmentId":""}`, 200, b)
	if b.Place.Kind != "personal" || b.SharedWith != 0 || !w.documents.wasRechecked(b.ID) {
		t.Errorf("%+v", b)
	}
	if got := titles(w.list(t, bob, "")); got != nil {
		t.Errorf("out of the department, and still seen: %v", got)
	}
}

func TestSearch(t *testing.T) {
	w := newWorld(t)
	ada, bob := w.person(t, "Ada"), w.person(t, "Bob")
	plan := w.board(t, ada, Draft{Title: "季度规划 Roadmap"})
	notes := w.board(t, ada, Draft{Title: "Notes"})
	w.draw(t, ada, notes.ID, textElement("a", "宁波仓的入库流程\nCustoms code missing"), textElement("b", "结算 2026"))
	w.share(t, ada, plan.ID, entry(ToPerson, bob.UserID, Viewer))
	cases := []struct {
		query string
		who   authz.Principal
		want  []string
	}{
		{"规划", ada, []string{"季度规划 Roadmap"}}, {"jdgh", ada, []string{"季度规划 Roadmap"}}, {"road", ada, []string{"季度规划 Roadmap"}},
		{"入库", ada, []string{"Notes"}}, {"波仓的入", ada, []string{"Notes"}}, {"程", ada, []string{"Notes"}}, {"custom", ada, []string{"Notes"}},
		{"结算2026", ada, []string{"Notes"}}, {"结算 2026", ada, []string{"Notes"}}, {"库入", ada, nil}, {"入程", ada, nil}, {"!!", ada, nil}, {"' | a:* & (", ada, nil},
		{"入库", bob, nil}, {"规划", bob, []string{"季度规划 Roadmap"}},
	}
	for _, c := range cases {
		page, err := w.List(t.Context(), c.who.UserID, Search{Filter: All, Text: c.query, Limit: 10})
		if err != nil {
			t.Fatal(err)
		}
		if got := titles(page); !slices.Equal(got, c.want) {
			t.Errorf("%s for %s: %v, want %v", c.query, c.who.Name, got, c.want)
		}
	}
	page, err := w.List(t.Context(), ada.UserID, Search{Filter: All, Text: "入库", Limit: 10})
	if err != nil || !slices.Equal(page.Items[0].Snippet, []BoardSnippetPart{{"宁波仓的", false}, {"入库", true}, {"流程", false}}) {
		t.Errorf("%+v %v", page, err)
	}
}

func TestCreate(t *testing.T) {
	w := newWorld(t)
	ada := w.person(t, "艾达")
	ada.Locale = "zh-CN"
	if b := w.board(t, ada, Draft{}); b.Title != "未命名白板" || b.ThumbnailURL != "" || b.Role != Owner || b.UpdatedBy.Name != "艾达" {
		t.Errorf("%+v", b)
	}
	for _, name := range templateNames {
		b := w.board(t, ada, Draft{Template: name})
		status, svg, header := w.ask(ada, "GET", strings.TrimPrefix(b.ThumbnailURL, "/api/v1"), "", nil)
		if b.ElementCount < 8 || status != 200 || !strings.Contains(svg, "<svg") || header.Get("Content-Type") != "image/svg+xml" {
			t.Errorf("%+v %d", b, status)
		}
		if header.Get("Content-Security-Policy") != inert || header.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(header.Get("Cache-Control"), "immutable") {
			t.Errorf("%v", header)
		}
	}
	if got := titles(w.list(t, ada, "query="+"看板")); !slices.Equal(got, []string{"看板"}) {
		t.Errorf("%v", got)
	}
	b := w.board(t, ada, Draft{Title: " one\u2028line\u202e \t\x07of\ntext "})
	if b.Title != "one line of text" {
		t.Errorf("%q", b.Title)
	}
	w.json(t, ada, "POST", "/boards", `{"template":"mindmap"}`, 422, nil)
	w.json(t, ada, "POST", "/boards", fmt.Sprintf(`{"template":"kanban","from":{"boardId":%q}}`, b.ID), 422, nil)
	w.json(t, ada, "POST", "/boards", fmt.Sprintf(`{"title":%q}`, strings.Repeat("x", 201)), 422, nil)
	w.json(t, ada, "PATCH", "/boards/"+b.ID.String(), `{"title":"\u202e "}`, 422, nil)
	var list BoardTemplates
	w.json(t, ada, "GET", "/boards/templates", "", 200, &list)
	for _, item := range list.Items {
		status, svg, _ := w.ask(ada, "GET", strings.TrimPrefix(item.ThumbnailURL, "/api/v1"), "", nil)
		if status != 200 || !strings.Contains(svg, "<svg") || item.Title == "" || item.ElementCount == 0 {
			t.Errorf("%+v: %d", item, status)
		}
	}
}

func TestCopyAndFork(t *testing.T) {
	w := newWorld(t)
	ada, bob := w.person(t, "Ada"), w.person(t, "Bob")
	b := w.board(t, ada, Draft{Title: "Plan", Template: "kanban"})
	pic, err := w.Upload(t.Context(), ada, b.ID, pngPicture(t, 9))
	if err != nil {
		t.Fatal(err)
	}
	w.draw(t, ada, b.ID, map[string]any{"id": "pic", "type": "image", "fileId": pic.ID, "width": 50, "height": 50, "index": "zz"}, textElement("later", "later"))
	history, err := w.History(t.Context(), ada, b.ID, 0, 10)
	if err != nil || len(history.Items) != 2 {
		t.Fatalf("%+v %v", history, err)
	}
	w.share(t, ada, b.ID, entry(ToPerson, bob.UserID, Viewer))
	full := w.board(t, bob, Draft{From: &Source{BoardID: b.ID}})
	fork := w.board(t, bob, Draft{Title: "Fork", From: &Source{BoardID: b.ID, Seq: history.Items[1].Seq}})
	if full.Title != "Copy of Plan" || full.Role != Owner || full.SharedWith != 0 || full.ElementCount != fork.ElementCount+2 {
		t.Errorf("%+v\n%+v", full, fork)
	}
	if _, _, err := w.File(t.Context(), bob, full.ID, pic.ID); err != nil {
		t.Error(err)
	}
	if err := w.DeleteForGood(t.Context(), ada, b.ID); !errors.Is(err, fault.WrongState) {
		t.Error(err)
	}
	for _, step := range []func() error{
		func() error { return w.Delete(t.Context(), ada, b.ID) },
		func() error { return w.DeleteForGood(t.Context(), ada, b.ID) },
	} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	body, _, err := w.File(t.Context(), bob, full.ID, pic.ID)
	if err != nil {
		t.Fatal("the picture of the copy went with the board:", err)
	}
	body.Close()
	if err := w.Delete(t.Context(), bob, full.ID); err != nil {
		t.Fatal(err)
	}
	if err := w.DeleteForGood(t.Context(), bob, full.ID); err != nil {
		t.Fatal(err)
	}
	if err := w.Delete(t.Context(), bob, fork.ID); err != nil {
		t.Fatal(err)
	}
	if err := w.DeleteForGood(t.Context(), bob, fork.ID); err != nil {
		t.Fatal(err)
	}
	for info, err := range w.objects.List(t.Context(), objectPrefix) {
		t.Errorf("%s stays, which no board shows (%v)", info.Key, err)
	}
	w.json(t, bob, "POST", "/boards", fmt.Sprintf(`{"from":{"boardId":%q}}`, b.ID), 404, nil)
}

func TestImport(t *testing.T) {
	w := newWorld(t)
	ada := w.person(t, "Ada")
	dataURL := "data:image/png;base64," + base64.StdEncoding.EncodeToString(pngPicture(t, 20))
	file := `{"type":"excalidraw","elements":[{"id":"t","type":"text","text":"从文件来","x":0,"y":0,"width":90,"height":25},
		{"id":"i","type":"image","fileId":"abc","x":0,"y":50,"width":90,"height":90},{"id":"j","type":"image","fileId":"no","x":0,"y":50}],
		"files":{"abc":{"dataURL":"` + dataURL + `"},"no":{"dataURL":"data:image/svg+xml;base64,PHN2Zy8+"}}}`
	var b Board
	w.json(t, ada, "POST", "/boards/import?title=Imported", file, 201, &b)
	if b.Title != "Imported" || b.ElementCount != 2 {
		t.Errorf("%+v", b)
	}
	state, err := w.State(t.Context(), ada, b.ID, 0)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := ydoc.Load(ydoc.Limits{}, state)
	if err != nil {
		t.Fatal(err)
	}
	files := scene.Read(doc).Files()
	if len(files) != 1 {
		t.Fatal(files)
	}
	status, _, header := w.ask(ada, "GET", "/boards/"+b.ID.String()+"/files/"+files[0], "", nil)
	if status != 200 || header.Get("Content-Type") != "image/png" {
		t.Errorf("%d %v", status, header)
	}
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		svg, _, err := w.Thumbnail(t.Context(), ada, b.ID)
		if err == nil && strings.Contains(string(svg), "data:image/jpeg") {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the picture is not in the thumbnail: %v\n%s", err, svg)
		}
	}
	for _, bad := range []string{"{}", "<svg/>", `{"type":"excalidraw","elements":7}`} {
		w.json(t, ada, "POST", "/boards/import", bad, 422, nil)
	}
	many := make([]map[string]any, scene.MaxElements+1)
	for i := range many {
		many[i] = map[string]any{"id": fmt.Sprint(i), "type": "line"}
	}
	raw, err := json.Marshal(map[string]any{"type": "excalidraw", "elements": many})
	if err != nil {
		t.Fatal(err)
	}
	status, text, _ := w.ask(ada, "POST", "/boards/import", "application/json", raw)
	if status != 422 || !strings.Contains(text, `"boardTooLarge"`) {
		t.Errorf("%d %s", status, text)
	}
	if got := titles(w.list(t, ada, "")); len(got) != 1 {
		t.Errorf("what was refused left boards: %v", got)
	}
}

func TestFiles(t *testing.T) {
	w := newWorld(t)
	ada := w.person(t, "Ada")
	b, other := w.board(t, ada, Draft{}), w.board(t, ada, Draft{})
	path := "/boards/" + b.ID.String() + "/files"
	upload := func(data []byte, want int) (f BoardFile) {
		t.Helper()
		status, text, _ := w.ask(ada, "POST", path, "image/png", data)
		if status != want {
			t.Fatalf("%d %s", status, text)
		}
		_ = json.Unmarshal([]byte(text), &f)
		return f
	}
	data := pngPicture(t, 30)
	first, again := upload(data, 201), upload(data, 201)
	if first != again || first.Width != 30 || len(first.ID) != 64 {
		t.Errorf("%+v %+v", first, again)
	}
	objects := 0
	for range w.objects.List(t.Context(), objectPrefix) {
		objects++
	}
	if objects != 1 {
		t.Errorf("%d objects", objects)
	}
	status, body, header := w.ask(ada, "GET", strings.TrimPrefix(first.URL, "/api/v1"), "", nil)
	if status != 200 || body != string(data) || header.Get("Content-Security-Policy") != inert || !strings.Contains(header.Get("Cache-Control"), "immutable") {
		t.Errorf("%d %v", status, header)
	}
	for name, bad := range map[string][]byte{
		"svg": []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>`), "html": []byte("<html>"), "cut off": data[:60], "empty": nil,
		"bomb": append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR\x00\x00\xff\xff\x00\x00\xff\xff\x08\x06\x00\x00\x00"), data[29:]...),
	} {
		if status, text, _ := w.ask(ada, "POST", path, "image/png", bad); status < 400 || status >= 500 {
			t.Errorf("%s: %d %s", name, status, text)
		}
	}
	if status, text, _ := w.ask(ada, "POST", path, "image/png", make([]byte, maxPictureBytes+1)); status != 413 {
		t.Errorf("%d %s", status, text)
	}
	for _, wrong := range []string{"/boards/" + other.ID.String() + "/files/" + first.ID, path + "/" + strings.Repeat("0", 64), path + "/..", "/boards/nonsense/files/" + first.ID} {
		if status, _, _ := w.ask(ada, "GET", wrong, "", nil); status != 404 && status != 307 {
			t.Errorf("%s: %d", wrong, status)
		}
	}
	w.exec(t, `insert into board_files (board_id, id, object_key, content_type, bytes, width, height, small, uploaded_by, created_at)
		select $1, md5(n::text) || md5(n::text), 'boards/x', 'image/png', 1, 1, 1, '', '', now() from generate_series(2, $2::int) n`, b.ID, maxFiles)
	status, text, _ := w.ask(ada, "POST", path, "image/png", pngPicture(t, 31))
	if status != 409 || !strings.Contains(text, `"max":500`) {
		t.Errorf("%d %s", status, text)
	}
}

func TestTrash(t *testing.T) {
	w := newWorld(t)
	ada, bob := w.person(t, "Ada"), w.person(t, "Bob")
	b, kept := w.board(t, ada, Draft{Title: "Gone", Template: "kanban"}), w.board(t, ada, Draft{Title: "Kept"})
	w.share(t, ada, b.ID, entry(ToPerson, bob.UserID, Editor))
	path := "/boards/" + b.ID.String()
	w.json(t, ada, "DELETE", path, "", 204, nil)
	w.json(t, ada, "DELETE", path, "", 204, nil)
	if got := titles(w.list(t, ada, "filter=trash")); !slices.Equal(got, []string{"Gone"}) {
		t.Error(got)
	}
	for _, p := range []authz.Principal{ada, bob} {
		if page := w.list(t, p, "query=Gone"); len(page.Items) > 0 {
			t.Errorf("%+v", page.Items)
		}
	}
	if got := titles(w.list(t, bob, "filter=trash")); got != nil {
		t.Error(got)
	}
	if !slices.Contains(w.documents.closed, b.ID) {
		t.Error("who had it open stays")
	}
	w.json(t, ada, "POST", path+"/restore", "", 200, nil)
	if got := titles(w.list(t, bob, "")); !slices.Equal(got, []string{"Gone"}) {
		t.Error(got)
	}
	w.json(t, ada, "DELETE", path, "", 204, nil)
	w.later(trashTime - time.Minute)
	clean := func() {
		t.Helper()
		if err := w.Clean(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	clean()
	w.json(t, ada, "GET", path, "", 200, nil)
	w.later(2 * time.Minute)
	clean()
	w.json(t, ada, "GET", path, "", 404, nil)
	w.json(t, ada, "GET", "/boards/"+kept.ID.String(), "", 200, nil)
	state, err := w.documents.State(t.Context(), b.ID)
	if err != nil {
		t.Fatal(err)
	}
	if doc, err := ydoc.Load(ydoc.Limits{}, state); err != nil || len(scene.Read(doc).Elements) > 0 {
		t.Errorf("what was drawn stays: %v", err)
	}
}

func TestUnreferencedPicturesAreReaped(t *testing.T) {
	w := newWorld(t)
	ada := w.person(t, "Ada")
	b := w.board(t, ada, Draft{})
	var ids []string
	for i := range 3 {
		f, err := w.Upload(t.Context(), ada, b.ID, pngPicture(t, 5+i))
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, f.ID)
	}
	image := func(id, file string) map[string]any {
		return map[string]any{"id": id, "type": "image", "fileId": file, "width": 9, "height": 9}
	}
	w.draw(t, ada, b.ID, image("a", ids[0]), image("b", ids[1]))
	w.draw(t, ada, b.ID, image("b", ids[0])) // the second one is on the board no more
	kept := func() (list []string) {
		for _, id := range ids {
			body, _, err := w.File(t.Context(), ada, b.ID, id)
			if err == nil {
				body.Close()
				list = append(list, id)
			} else if !errors.Is(err, fault.NotFound) {
				t.Fatal(err)
			}
		}
		return list
	}
	clean := func() {
		t.Helper()
		if err := w.Clean(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	w.later(unreferencedTime - time.Hour)
	clean()
	if got := kept(); len(got) != 3 {
		t.Errorf("%v", got)
	}
	if _, err := w.Upload(t.Context(), ada, b.ID, pngPicture(t, 7)); err != nil { // the third is brought again
		t.Fatal(err)
	}
	w.later(2 * time.Hour)
	clean()
	if got := kept(); !slices.Equal(got, []string{ids[0], ids[2]}) {
		t.Errorf("%v", got)
	}
	w.exec(t, `delete from board_files where id = $1`, ids[2])
	w.later(time.Hour) // of the clock of the service; objects have the time of the machine
	w.mu.Lock()
	w.clock = time.Now().Add(2 * orphanTime)
	w.mu.Unlock()
	if err := w.CleanObjects(t.Context()); err != nil {
		t.Fatal(err)
	}
	objects := 0
	for range w.objects.List(t.Context(), objectPrefix) {
		objects++
	}
	if got := kept(); !slices.Equal(got, ids[:1]) || objects != 1 {
		t.Errorf("%v, %d objects", got, objects)
	}
}

func TestHistoryAndRestore(t *testing.T) {
	w := newWorld(t)
	ada, bob := w.person(t, "Ada"), w.person(t, "Bob")
	b := w.board(t, ada, Draft{Template: "flowchart"})
	w.share(t, ada, b.ID, entry(ToPerson, bob.UserID, Editor))
	was := b.ElementCount
	w.later(24 * time.Hour)
	w.draw(t, bob, b.ID, textElement("x", "one"))
	w.draw(t, ada, b.ID, textElement("y", "two"))
	w.later(2 * time.Minute)
	w.draw(t, bob, b.ID, textElement("z", "three"))
	var history BoardHistory
	path := "/boards/" + b.ID.String()
	w.json(t, ada, "GET", path+"/history", "", 200, &history)
	if len(history.Items) != 3 || len(history.Items[1].Authors) != 2 || history.Items[0].Authors[0].Name != "Bob" || history.NextBefore != 0 {
		t.Fatalf("%+v", history)
	}
	var page BoardHistory
	w.json(t, ada, "GET", path+"/history?limit=1", "", 200, &page)
	if len(page.Items) != 1 || page.NextBefore != history.Items[0].Seq {
		t.Errorf("%+v", page)
	}
	var next BoardHistory
	w.json(t, ada, "GET", fmt.Sprintf("%s/history?limit=1&before=%d", path, page.NextBefore), "", 200, &next)
	if len(next.Items) != 1 || next.Items[0].Seq != history.Items[1].Seq {
		t.Errorf("%+v", next)
	}
	w.json(t, ada, "POST", fmt.Sprintf("%s/history/%d/restore", path, history.Items[2].Seq), "", 204, nil)
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		shown, err := w.Board(t.Context(), ada, b.ID)
		if err != nil {
			t.Fatal(err)
		}
		if shown.ElementCount == was && shown.UpdatedBy.Name == "Ada" {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%+v, it had %d", shown, was)
		}
	}
	w.json(t, ada, "POST", path+"/history/999999/restore", "", 404, nil)
	w.json(t, ada, "GET", path+"/state?seq=999999", "", 404, nil)
}

func TestAccess(t *testing.T) {
	w := newWorld(t)
	ada, bob, eve := w.person(t, "Ada"), w.person(t, "Bob"), w.person(t, "Eve")
	team, group := w.department(t, "Team", uuid.Nil), newID()
	w.groups[group] = []uuid.UUID{ada.UserID}
	foreign := newID()
	w.groups[foreign] = []uuid.UUID{bob.UserID}
	b := w.board(t, ada, Draft{Title: "Plan"})
	path := "/boards/" + b.ID.String()
	meeting := w.meeting(t, ada)
	w.exec(t, `insert into board_access (board_id, kind, subject_id, role, created_at) values ($1, 'meeting', $2, 'viewer', now())`, b.ID, meeting)
	body := fmt.Sprintf(`{"entries":[{"kind":"person","id":%q,"role":"commenter"},{"kind":"department","id":%q,"role":"editor"},{"kind":"group","id":%q,"role":"viewer"},
		{"kind":"everyone","role":"viewer"},{"kind":"meeting","id":%q,"role":"editor"}]}`, bob.UserID, team, group, meeting)
	var access BoardAccess
	w.json(t, ada, "PUT", path+"/access", body, 200, &access)
	var names []string
	for _, e := range access.Entries {
		names = append(names, e.Name)
	}
	if !slices.Equal(names, []string{"Bob", "Team", "Group", "", "Weekly"}) || !access.CanChange || access.Owner.Name != "Ada" || !w.documents.wasRechecked(b.ID) {
		t.Errorf("%v %+v", names, access)
	}
	for name, c := range map[string]struct {
		entry  string
		status int
	}{
		"somebody who is not there": {fmt.Sprintf(`{"kind":"person","id":%q,"role":"viewer"}`, newID()), 404},
		"no such department":        {fmt.Sprintf(`{"kind":"department","id":%q,"role":"viewer"}`, newID()), 404},
		"a group of others":         {fmt.Sprintf(`{"kind":"group","id":%q,"role":"viewer"}`, foreign), 404},
		"a meeting of others":       {fmt.Sprintf(`{"kind":"meeting","id":%q,"role":"viewer"}`, w.meeting(t, bob)), 404},
		"owner by entry":            {fmt.Sprintf(`{"kind":"person","id":%q,"role":"owner"}`, eve.UserID), 422},
		"the owner":                 {fmt.Sprintf(`{"kind":"person","id":%q,"role":"viewer"}`, ada.UserID), 422},
		"nobody":                    {`{"kind":"person","role":"viewer"}`, 422},
		"an odd kind":               {`{"kind":"planet","role":"viewer"}`, 422},
		"twice":                     {`{"kind":"everyone","role":"viewer"},{"kind":"everyone","role":"editor"}`, 422},
		"too many":                  {strings.Repeat(`{"kind":"everyone","role":"viewer"},`, maxAccessEntries) + `{"kind":"everyone","role":"viewer"}`, 422},
	} {
		t.Run(name, func(t *testing.T) {
			w.json(t, ada, "PUT", path+"/access", `{"entries":[`+c.entry+`]}`, c.status, nil)
		})
	}
	var same BoardAccess
	w.json(t, ada, "GET", path+"/access", "", 200, &same)
	if len(same.Entries) != 5 {
		t.Errorf("what was refused changed something: %+v", same)
	}
	var moved Board
	w.json(t, ada, "PUT", path+"/owner", fmt.Sprintf(`{"userId":%q}`, bob.UserID), 200, &moved)
	if moved.Owner.Name != "Bob" || moved.Role != Editor || moved.SharedWith != 5 {
		t.Errorf("%+v", moved)
	}
	w.json(t, bob, "PUT", path+"/owner", fmt.Sprintf(`{"userId":%q}`, newID()), 404, nil)
	w.exec(t, `update users set disabled_at = now() where id = $1`, eve.UserID)
	w.json(t, bob, "PUT", path+"/owner", fmt.Sprintf(`{"userId":%q}`, eve.UserID), 404, nil)
	w.json(t, bob, "PUT", path+"/access", `{"entries":[]}`, 200, nil)
	w.json(t, ada, "GET", path, "", 404, nil)
}

func TestBoardsOfOnePersonAreCounted(t *testing.T) {
	w := newWorld(t)
	ada, bob := w.person(t, "Ada"), w.person(t, "Bob")
	w.exec(t, `insert into boards (id, owner_id, title, created_at, updated_at) select gen_random_uuid(), $1, 'x', now(), now() from generate_series(1, $2::int)`, ada.UserID, maxBoards)
	w.json(t, ada, "POST", "/boards", `{"template":"kanban"}`, 409, nil)
	b := w.board(t, bob, Draft{})
	w.json(t, bob, "PUT", "/boards/"+b.ID.String()+"/owner", fmt.Sprintf(`{"userId":%q}`, ada.UserID), 409, nil)
}

func TestMeetings(t *testing.T) {
	w := newWorld(t)
	host, ada, out := w.person(t, "Host"), w.person(t, "Ada"), w.person(t, "Out")
	meeting := w.meeting(t, host, host, ada)
	guest := guestOf(meeting, "Guest")
	silent := guestOf(meeting, "Silent")
	w.rooms.run(meeting, host.UserID, map[string]Role{host.Key(): Editor, ada.Key(): Editor, guest.Key(): Editor, silent.Key(): Commenter})
	path := "/meetings/" + meeting.String() + "/boards"
	var fresh, of Board
	w.json(t, ada, "POST", path, `{"title":"In the meeting","template":"brainstorm"}`, 201, &fresh)
	w.json(t, guest, "POST", path, `{}`, 201, &of)
	if fresh.Owner.Name != "Ada" || of.Owner.Name != "Host" || of.Role != Editor {
		t.Errorf("%+v\n%+v", fresh, of)
	}
	w.json(t, out, "POST", path, `{}`, 403, nil)
	w.json(t, silent, "POST", path, `{}`, 403, nil)
	mine := w.board(t, host, Draft{Title: "Mine"})
	w.json(t, ada, "POST", path, fmt.Sprintf(`{"boardId":%q}`, mine.ID), 404, nil)
	w.json(t, host, "POST", path, fmt.Sprintf(`{"boardId":%q}`, mine.ID), 201, nil)
	status, body, _ := w.ask(ada, "POST", path, "application/json", fmt.Appendf(nil, `{"boardId":%q}`, mine.ID))
	if status != 403 || !strings.Contains(body, "boardReadOnly") {
		t.Errorf("who edits it in a meeting shows it in another one: %d %s", status, body)
	}
	for _, p := range []authz.Principal{guest, silent, ada} {
		var page BoardPage
		w.json(t, p, "GET", path, "", 200, &page)
		if len(page.Items) != 3 {
			t.Errorf("%s sees %v", p.Name, titles(&page))
		}
	}
	w.json(t, out, "GET", path, "", 404, nil)
	w.json(t, host, "DELETE", path+"/"+mine.ID.String(), "", 204, nil)
	w.json(t, host, "DELETE", path+"/"+mine.ID.String(), "", 404, nil)
	if a, err := w.Admit(t.Context(), ada, mine.ID); err != nil || a.Role != Viewer {
		t.Errorf("who was there may not look afterwards: %+v %v", a, err)
	}
	if _, err := w.Admit(t.Context(), guest, mine.ID); !errors.Is(err, fault.BoardNotFound) {
		t.Error(err)
	}
	w.json(t, ada, "PATCH", "/boards/"+fresh.ID.String(), `{"title":"Renamed"}`, 200, nil)
	if w.rooms.open[fresh.ID] != "Renamed" {
		t.Error("the meeting does not know the new title")
	}
	w.json(t, ada, "DELETE", "/boards/"+fresh.ID.String(), "", 204, nil)
	if _, err := w.Admit(t.Context(), guest, fresh.ID); !errors.Is(err, fault.BoardNotFound) {
		t.Error(err)
	}
}

// TestWithoutMeetings is the service as tools use it.
func TestWithoutMeetings(t *testing.T) {
	w := newWorld(t)
	ada := w.person(t, "Ada")
	alone := New(Config{Pool: w.pool, People: fakePeople{w.pool}, Objects: w.objects, Documents: w.documents, Log: w.log})
	defer func() {
		if err := alone.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}()
	b, err := alone.Create(t.Context(), ada, Draft{})
	if err != nil || b.Role != Owner {
		t.Fatal(b, err)
	}
	if _, err := alone.OpenInMeeting(t.Context(), ada, newID(), MeetingBoardDraft{}); !errors.Is(err, fault.NotInMeeting) {
		t.Error(err)
	}
	if _, err := alone.InMeeting(t.Context(), ada, newID()); !errors.Is(err, fault.MeetingNotFound) {
		t.Error(err)
	}
}

func TestCreationsAreCounted(t *testing.T) {
	w := newWorld(t)
	ada := w.person(t, "Ada")
	for made := 0; ; made++ {
		status, body, header := w.ask(ada, "POST", "/boards", "application/json", []byte("{}"))
		if status == 429 {
			if made < 60 || header.Get("Retry-After") == "" {
				t.Errorf("after %d boards: %v", made, header)
			}
			return
		}
		if status != 201 || made == 1000 {
			t.Fatalf("%d: %d %s", made, status, body)
		}
	}
}

func TestListsCatchUpAfterACrash(t *testing.T) {
	w := newWorld(t)
	ada := w.person(t, "Ada")
	b := w.board(t, ada, Draft{})
	w.drawUnseen(t, ada, b.ID, textElement("x", "unseen"))
	if _, err := w.Admit(t.Context(), ada, b.ID); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		page := w.list(t, ada, "query=unseen")
		if len(page.Items) == 1 && page.Items[0].ThumbnailURL != "" {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%+v", page)
		}
	}
}
