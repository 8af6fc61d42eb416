package boards

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"testing"

	"parley/internal/authz"
	"parley/internal/fault"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// fakeAudit keeps what was handed over.
type fakeAudit struct{ kept []HandOver }

func (f *fakeAudit) HandedOver(_ context.Context, _ pgx.Tx, h HandOver) error {
	f.kept = append(f.kept, h)
	return nil
}

func (w *world) admin(t *testing.T, name string, role authz.Role) authz.Principal {
	t.Helper()
	p := w.person(t, name)
	p.Role = role
	w.exec(t, "update users set role = $2 where id = $1", p.UserID, string(role))
	return p
}

func (w *world) disable(t *testing.T, p authz.Principal) {
	t.Helper()
	w.exec(t, "update users set disabled_at = now() where id = $1", p.UserID)
}

func TestBoardsOfADisabledAccountAreHandedOver(t *testing.T) {
	w := newWorld(t)
	gone, heir, admin := w.person(t, "Gone"), w.person(t, "Heir"), w.admin(t, "Ada", authz.Admin)
	plan, old := w.board(t, gone, Draft{Title: "Plan"}), w.board(t, gone, Draft{Title: "Old"})
	w.share(t, gone, plan.ID, entry(ToPerson, heir.UserID, Viewer))
	if err := w.Delete(t.Context(), gone, old.ID); err != nil {
		t.Fatal(err)
	}
	path, body := "/users/"+gone.UserID.String()+"/boards/handover", fmt.Sprintf(`{"userId":%q}`, heir.UserID)
	w.json(t, admin, "POST", path, body, http.StatusConflict, nil) // the account is in use
	w.disable(t, gone)
	w.json(t, heir, "POST", path, body, http.StatusForbidden, nil)
	w.json(t, admin, "POST", path, fmt.Sprintf(`{"userId":%q}`, gone.UserID), http.StatusNotFound, nil)
	w.json(t, admin, "POST", "/users/"+newID().String()+"/boards/handover", body, http.StatusNotFound, nil)
	w.events.take()
	var done struct{ Count int }
	w.json(t, admin, "POST", path, body, http.StatusOK, &done)
	if done.Count != 2 {
		t.Errorf("handed over %d", done.Count)
	}
	for _, one := range w.events.take() {
		if !slices.Equal(one.to, keysOf(heir)) {
			t.Errorf("told %+v", one)
		}
	}
	now, err := w.Board(t.Context(), heir, plan.ID)
	if err != nil || now.Role != Owner || now.SharedWith != 0 {
		t.Errorf("the heir has %+v, %v", now, err)
	}
	if _, err := w.Restore(t.Context(), heir, old.ID); err != nil {
		t.Errorf("out of the trash: %v", err)
	}
	if len(w.audit.kept) != 1 || w.audit.kept[0].By != admin.UserID || w.audit.kept[0].From != gone.UserID || w.audit.kept[0].To != heir.UserID || len(w.audit.kept[0].Boards) != 2 {
		t.Errorf("kept %+v", w.audit.kept)
	}
	w.json(t, admin, "POST", path, body, http.StatusOK, &done)
	if done.Count != 0 || len(w.audit.kept) != 1 {
		t.Errorf("again: %d, kept %d", done.Count, len(w.audit.kept))
	}
}

func TestOnlyAnOwnerHandsOverAnOwnersBoards(t *testing.T) {
	w := newWorld(t)
	gone, admin, owner := w.admin(t, "Gone", authz.Owner), w.admin(t, "Ada", authz.Admin), w.admin(t, "Olga", authz.Owner)
	w.board(t, gone, Draft{Title: "Plan"})
	w.disable(t, gone)
	path := "/users/" + gone.UserID.String() + "/boards/handover"
	w.json(t, admin, "POST", path, fmt.Sprintf(`{"userId":%q}`, admin.UserID), http.StatusForbidden, nil)
	w.json(t, owner, "POST", path, fmt.Sprintf(`{"userId":%q}`, owner.UserID), http.StatusOK, nil)
}

func TestABoardOfADisabledAccountIsTakenOver(t *testing.T) {
	w := newWorld(t)
	gone, editor, admin := w.person(t, "Gone"), w.person(t, "Ed"), w.admin(t, "Ada", authz.Admin)
	board, hidden := w.board(t, gone, Draft{Title: "Plan"}), w.board(t, gone, Draft{Title: "Hidden"})
	w.share(t, gone, board.ID, entry(ToEveryone, uuid.Nil, Editor))
	path, body := "/boards/"+board.ID.String(), fmt.Sprintf(`{"userId":%q}`, admin.UserID)
	var access BoardAccess
	w.json(t, admin, "GET", path+"/access", "", http.StatusOK, &access)
	if access.CanTakeOver {
		t.Error("the owner is there")
	}
	w.json(t, admin, "PUT", path+"/owner", body, http.StatusForbidden, nil)
	w.disable(t, gone)
	w.json(t, editor, "PUT", path+"/owner", fmt.Sprintf(`{"userId":%q}`, editor.UserID), http.StatusForbidden, nil)
	w.json(t, editor, "GET", path+"/access", "", http.StatusOK, &access)
	if access.CanTakeOver {
		t.Error("somebody else can take it over")
	}
	if _, err := w.mayGive(t.Context(), admin, hidden.ID); fault.From(err).Code != fault.BoardNotFound {
		t.Errorf("a board that the admin does not see: %v", err)
	}
	w.json(t, admin, "GET", path+"/access", "", http.StatusOK, &access)
	if !access.CanTakeOver || access.CanChange {
		t.Errorf("the admin sees %+v", access)
	}
	var now Board
	w.json(t, admin, "PUT", path+"/owner", body, http.StatusOK, &now)
	if now.Role != Owner || len(w.audit.kept) != 1 {
		t.Errorf("taken over: %+v, kept %+v", now, w.audit.kept)
	}
}
