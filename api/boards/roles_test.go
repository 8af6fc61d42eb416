package boards

import (
	"encoding/json"
	"fmt"
	"testing"

	"parley/internal/authz"

	"github.com/google/uuid"
)

// stage is a board with somebody who asks.
type stage struct {
	world      *world
	owner, who authz.Principal
	board      uuid.UUID
	meeting    uuid.UUID
	department uuid.UUID // that the owner is in
	other      uuid.UUID // somebody else
	file       string
	seq        int64
}

// operation is what somebody asks for, with the least role that may.
type operation struct {
	name, method, path, contentType string
	body                            []byte
	least                           Role
	refusal                         string // of who has a lower role, but one
	guests                          bool   // guests may ask
	writes                          bool   // tokens need the scope for writing
	trash                           bool   // it is about a board in the trash
	status                          int
}

func operations(t *testing.T, s stage) []operation {
	board := "/boards/" + s.board.String()
	text := func(format string, args ...any) []byte { return fmt.Appendf(nil, format, args...) }
	return []operation{
		{name: "read", method: "GET", path: board, least: Viewer, guests: true, status: 200},
		{name: "state", method: "GET", path: board + "/state", least: Viewer, guests: true, status: 200},
		{name: "earlier state", method: "GET", path: fmt.Sprintf("%s/state?seq=%d", board, s.seq), least: Viewer, guests: true, status: 200},
		{name: "thumbnail", method: "GET", path: board + "/thumbnail", least: Viewer, guests: true, status: 200},
		{name: "file", method: "GET", path: board + "/files/" + s.file, least: Viewer, guests: true, status: 200},
		{name: "history", method: "GET", path: board + "/history", least: Viewer, status: 200},
		{name: "copy", method: "POST", path: "/boards", body: text(`{"from":{"boardId":%q}}`, s.board), least: Viewer, writes: true, status: 201},
		{name: "upload", method: "POST", path: board + "/files", contentType: "image/png", body: pngPicture(t, 7), least: Editor, refusal: "boardReadOnly", guests: true, writes: true, status: 201},
		{name: "rename", method: "PATCH", path: board, body: text(`{"title":"New"}`), least: Editor, refusal: "boardReadOnly", writes: true, status: 200},
		{name: "restore a state", method: "POST", path: fmt.Sprintf("%s/history/%d/restore", board, s.seq), least: Editor, refusal: "boardReadOnly", writes: true, status: 204},
		{name: "see access", method: "GET", path: board + "/access", least: Editor, refusal: "boardReadOnly", status: 200},
		{name: "move", method: "PATCH", path: board, body: text(`{"departmentId":%q}`, s.department), least: Owner, writes: true, status: 200},
		{name: "share", method: "PUT", path: board + "/access", body: text(`{"entries":[{"kind":"everyone","role":"viewer"}]}`), least: Owner, refusal: "notBoardOwner", writes: true, status: 200},
		{name: "transfer", method: "PUT", path: board + "/owner", body: text(`{"userId":%q}`, s.other), least: Owner, refusal: "notBoardOwner", writes: true, status: 200},
		{name: "delete", method: "DELETE", path: board, least: Owner, refusal: "notBoardOwner", writes: true, status: 204},
		{name: "read in the trash", method: "GET", path: board, least: Owner, guests: true, trash: true, status: 200},
		{name: "state in the trash", method: "GET", path: board + "/state", least: "nobody", guests: true, trash: true},
		{name: "rename in the trash", method: "PATCH", path: board, body: text(`{"title":"New"}`), least: "nobody", writes: true, trash: true},
		{name: "take out of the trash", method: "POST", path: board + "/restore", least: Owner, writes: true, trash: true, status: 200},
		{name: "delete for good", method: "DELETE", path: board + "/permanently", least: Owner, writes: true, trash: true, status: 204},
	}
}

// expected is the status and code that an operation answers somebody with that role.
func (o operation) expected(p authz.Principal, role Role) (int, string) {
	switch {
	case p.Kind == authz.Anonymous:
		return 401, "unauthenticated"
	case p.Kind == authz.Guest && !o.guests, p.Kind == authz.Token && o.writes:
		return 403, "forbidden"
	case o.least == "nobody", role == "", o.trash && role != Owner:
		return 404, "boardNotFound"
	case role.AtLeast(o.least):
		return o.status, ""
	case o.name == "move" && !role.AtLeast(Editor):
		return 403, "boardReadOnly"
	case o.name == "move":
		return 403, "notBoardOwner"
	}
	return 403, o.refusal
}

// TestEveryRoleAndOperation walks every way to have a role on a board through every operation on it, over HTTP.
func TestEveryRoleAndOperation(t *testing.T) {
	w := newWorld(t)
	people := map[string]func(t *testing.T, s *stage) Role{
		"owner":     func(_ *testing.T, s *stage) Role { s.who = s.owner; return Owner },
		"stranger":  func(*testing.T, *stage) Role { return "" },
		"editor":    func(t *testing.T, s *stage) Role { return s.grant(t, ToPerson, s.who.UserID, Editor) },
		"commenter": func(t *testing.T, s *stage) Role { return s.grant(t, ToPerson, s.who.UserID, Commenter) },
		"viewer":    func(t *testing.T, s *stage) Role { return s.grant(t, ToPerson, s.who.UserID, Viewer) },
		"everyone":  func(t *testing.T, s *stage) Role { return s.grant(t, ToEveryone, uuid.Nil, Commenter) },
		"member of a department below": func(t *testing.T, s *stage) Role {
			above := w.department(t, "Above "+newID().String(), uuid.Nil)
			w.department(t, "Below", w.department(t, "Between", above), s.who)
			return s.grant(t, ToDepartment, above, Editor)
		},
		"member of the department above": func(t *testing.T, s *stage) Role {
			above := w.department(t, "Above "+newID().String(), uuid.Nil, s.who)
			s.grant(t, ToDepartment, w.department(t, "Below", above), Editor)
			return ""
		},
		"member of a group": func(t *testing.T, s *stage) Role {
			id := newID()
			w.groups[id] = []uuid.UUID{s.who.UserID, s.owner.UserID}
			return s.grant(t, ToGroup, id, Viewer)
		},
		"attendee": func(t *testing.T, s *stage) Role {
			w.exec(t, `insert into board_access (board_id, kind, subject_id, role, created_at) values ($1, 'meeting', $2, 'viewer', now())`,
				s.board, w.meeting(t, s.owner, s.who))
			return Viewer
		},
		"invited, not there": func(t *testing.T, s *stage) Role {
			w.exec(t, `insert into board_access (board_id, kind, subject_id, role, created_at) values ($1, 'meeting', $2, 'viewer', now())`,
				s.board, w.meeting(t, s.owner))
			return ""
		},
		"viewer who may draw in the meeting": func(t *testing.T, s *stage) Role {
			s.grant(t, ToPerson, s.who.UserID, Viewer)
			return s.meet(Editor)
		},
		"editor who may not draw in the meeting": func(t *testing.T, s *stage) Role {
			s.meet(Commenter)
			return s.grant(t, ToPerson, s.who.UserID, Editor)
		},
		"several ways": func(t *testing.T, s *stage) Role {
			above := w.department(t, "Several "+newID().String(), uuid.Nil, s.who)
			w.share(t, s.owner, s.board, entry(ToEveryone, uuid.Nil, Viewer), entry(ToDepartment, above, Editor), entry(ToPerson, s.who.UserID, Commenter))
			return Editor
		},
		"guest who may draw": func(_ *testing.T, s *stage) Role {
			s.who = guestOf(s.meeting, "Guest")
			return s.meet(Editor)
		},
		"guest who may not draw": func(_ *testing.T, s *stage) Role {
			s.who = guestOf(s.meeting, "Guest")
			return s.meet(Commenter)
		},
		"guest of another meeting": func(t *testing.T, s *stage) Role {
			s.who = guestOf(newID(), "Guest")
			s.grant(t, ToEveryone, uuid.Nil, Editor)
			return ""
		},
		"anonymous": func(t *testing.T, s *stage) Role {
			s.grant(t, ToEveryone, uuid.Nil, Editor)
			s.who = authz.Principal{}
			return ""
		},
		"program of an editor that may only read": func(t *testing.T, s *stage) Role {
			s.grant(t, ToPerson, s.who.UserID, Editor)
			s.who.Kind, s.who.Scopes = authz.Token, []authz.Scope{authz.ScopeBoardsRead}
			return Editor
		},
	}
	for name, arrange := range people {
		t.Run(name, func(t *testing.T) {
			base := stage{world: w, owner: w.person(t, "Owner"), meeting: newID(), other: w.person(t, "Other").UserID}
			base.department = w.department(t, "Own "+newID().String(), uuid.Nil, base.owner)
			for i := range operations(t, base) {
				s := base
				s.who = w.person(t, "Asks")
				s.prepare(t)
				role := arrange(t, &s)
				o := operations(t, s)[i]
				if o.trash {
					if err := w.Delete(t.Context(), s.owner, s.board); err != nil {
						t.Fatal(err)
					}
				}
				if o.contentType == "" {
					o.contentType = "application/json"
				}
				status, body, _ := w.ask(s.who, o.method, o.path, o.contentType, o.body)
				var problem struct{ Code string }
				if status >= 400 {
					if err := json.Unmarshal([]byte(body), &problem); err != nil {
						t.Fatal(err)
					}
				}
				if want, code := o.expected(s.who, role); status != want || problem.Code != code {
					t.Errorf("%s: %d %s, want %d %s", o.name, status, problem.Code, want, code)
				}
			}
			s := base
			s.who = w.person(t, "Asks")
			s.prepare(t)
			s.checkDoor(t, arrange(t, &s))
		})
	}
}

// prepare makes the board with a picture and a history.
func (s *stage) prepare(t *testing.T) {
	t.Helper()
	b := s.world.board(t, s.owner, Draft{Title: "Plan", Template: "kanban"})
	s.board = b.ID
	f, err := s.world.Upload(t.Context(), s.owner, b.ID, pngPicture(t, 5))
	if err != nil {
		t.Fatal(err)
	}
	s.file = f.ID
	history, err := s.world.History(t.Context(), s.owner, b.ID, 0, 10)
	if err != nil || len(history.Items) != 1 {
		t.Fatalf("%+v %v", history, err)
	}
	s.seq = history.Items[0].Seq
}

func (s *stage) grant(t *testing.T, kind Kind, id uuid.UUID, role Role) Role {
	t.Helper()
	s.world.share(t, s.owner, s.board, entry(kind, id, role))
	return role
}

// meet lets who asks be in a meeting in which the board is open.
func (s *stage) meet(role Role) Role {
	s.world.rooms.run(s.meeting, s.owner.UserID, map[string]Role{s.who.Key(): role})
	s.world.rooms.show(s.board)
	return role
}

// checkDoor asks as the WebSocket does, and looks into the lists.
func (s *stage) checkDoor(t *testing.T, role Role) {
	t.Helper()
	admission, err := s.world.Admit(t.Context(), s.who, s.board)
	if s.who.Kind == authz.Token {
		role = Viewer
	}
	if (err == nil) != (role != "") || admission.Role != role {
		t.Errorf("admitted as %q (%v), want %q", admission.Role, err, role)
	}
	if err == nil && (admission.PersonKey != s.who.Key() || admission.Name != s.who.Name) {
		t.Errorf("%+v", admission)
	}
	if s.who.Kind != authz.User {
		return
	}
	own, err := s.world.own(t.Context(), s.who, s.board)
	if err != nil {
		t.Fatal(err)
	}
	for _, filter := range []Filter{All, Mine, Shared, Recent, Trash, Department} {
		page, err := s.world.List(t.Context(), s.who.UserID, Search{Filter: filter, Limit: 100})
		if err != nil {
			t.Fatal(err)
		}
		listed := Role("")
		for _, b := range page.Items {
			if b.ID == s.board {
				listed = b.Role
			}
		}
		want := Role("")
		if filter == All || filter == Mine && own.role == Owner || filter == Shared && own.role != Owner || filter == Recent && role != "" {
			want = own.role
		}
		if listed != want {
			t.Errorf("list %s shows it as %q, want %q", filter, listed, want)
		}
	}
}
