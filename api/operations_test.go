package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"parley/api"
	"parley/api/boards"
	"parley/api/chat"
	"parley/api/directory"
	"parley/api/events"
	"parley/api/identity"
	"parley/api/meetings"
	"parley/internal/authz"
)

// people are those who may call an operation, by kind.
var (
	everybody = []string{"anonymous", "guest", "member", "admin", "owner", "token", "full token of member", "full token of admin"}
	persons   = []string{"member", "admin", "owner"}
	admins    = []string{"admin", "owner"}
	readers   = []string{"member", "admin", "owner", "full token of member", "full token of admin"}
	managers  = []string{"admin", "owner", "full token of admin"}
	faces     = []string{"guest", "member", "admin", "owner", "full token of member", "full token of admin"}
)

var callers = map[string]authz.Principal{
	"anonymous":            {},
	"guest":                {Kind: authz.Guest},
	"member":               {Kind: authz.User, Role: authz.Member},
	"admin":                {Kind: authz.User, Role: authz.Admin},
	"owner":                {Kind: authz.User, Role: authz.Owner},
	"token":                {Kind: authz.Token, Role: authz.Owner},
	"full token of member": {Kind: authz.Token, Role: authz.Member, Scopes: authz.Scopes},
	"full token of admin":  {Kind: authz.Token, Role: authz.Admin, Scopes: authz.Scopes},
}

var mayCall = map[string][]string{
	"getSetup": everybody, "setUp": everybody,
	"signIn": everybody, "signOut": everybody, "listSessions": persons, "endSession": persons,
	"getMe": readers, "updateMe": persons, "changePassword": persons, "setAvatar": persons, "removeAvatar": persons, "getAvatar": faces,
	"createInvitation": managers, "listInvitations": managers, "deleteInvitation": managers,
	"getInvitationByToken": everybody, "acceptInvitation": everybody,
	"createToken": persons, "listTokens": persons, "deleteToken": persons,
	"updatePerson": managers, "createPasswordLink": admins, "getPasswordReset": everybody, "resetPassword": everybody,
	"listPeople": readers, "getCompany": readers, "updateCompany": managers,
	"createMeeting": readers, "listMeetings": readers, "readMeeting": readers, "updateMeeting": readers, "cancelMeeting": readers,
	"readInvitation": readers, "downloadCalendarFile": readers, "listAttendance": readers, "downloadAttendance": readers,
	"readQuality": readers, "downloadQuality": readers, "downloadTrackQuality": readers, "listReviewedRuns": managers,
	"listStreamTokens": readers, "createStreamToken": readers, "revokeStreamToken": readers,
	"previewMeeting": everybody, "enterAsGuest": everybody,
	"readConversation": faces, "listMessages": faces, "listChanges": faces, "markRead": faces,
	"sendMessage": faces, "addReaction": faces, "removeReaction": faces, "recallMessage": faces,
	"streamEvents": faces,
	"listBoards":   readers, "createBoard": readers, "importBoard": readers, "listBoardTemplates": readers, "readTemplateThumbnail": readers,
	"readBoard": faces, "updateBoard": readers, "deleteBoard": readers, "restoreBoard": readers, "deleteBoardForGood": readers,
	"readBoardAccess": readers, "setBoardAccess": readers, "transferBoard": readers, "handOverBoards": managers,
	"listBoardHistory": readers, "readBoardState": faces, "restoreBoardState": readers,
	"uploadBoardFile": faces, "readBoardFile": faces, "readBoardThumbnail": faces,
	"openMeetingBoard": faces, "closeMeetingBoard": faces, "listMeetingBoards": faces,
	"listDepartments": readers, "createDepartment": managers, "updateDepartment": managers, "deleteDepartment": managers,
}

// TestWhoMayCallWhat calls every operation as everybody, with services that
// are not there: whoever is refused gets 401 or 403, whoever is let in gets as
// far as a panic or a missing body.
func TestWhoMayCallWhat(t *testing.T) {
	var who authz.Principal
	a := api.New(api.Config{Authenticate: func(*http.Request) (authz.Principal, error) { return who, nil }})
	identity.Register(a, nil)
	directory.Register(a, nil)
	meetings.Register(a, nil)
	chat.Register(a, nil)
	events.Register(a, nil)
	boards.Register(a, nil)
	operations := documented(t, a)
	for id := range mayCall {
		if operations[id] == "" {
			t.Errorf("%s does not exist", id)
		}
	}
	for id, route := range operations {
		allowed, ok := mayCall[id]
		if !ok {
			t.Errorf("%s is not in the table", id)
			continue
		}
		method, path, _ := strings.Cut(route, " ")
		path = strings.NewReplacer("{id}", "0193b0a0-0000-7000-8000-000000000000", "{code}", "abc-defg-hij", "{emoji}", "x", "{userId}", "x", "{version}", "x", "{token}", "x").Replace(path)
		for name, p := range callers {
			t.Run(fmt.Sprintf("%s as %s", id, name), func(t *testing.T) {
				who = p
				w := call{method: method, path: "/api/v1" + path}.do(a)
				want := 0
				switch {
				case slices.Contains(allowed, name):
				case name == "anonymous":
					want = 401
				default:
					want = 403
				}
				if refused := w.Code == 401 || w.Code == 403; refused != (want != 0) || (want != 0 && w.Code != want) {
					t.Errorf("%s %s: %d %s", method, path, w.Code, w.Body)
				}
			})
		}
	}
}

// documented is method and path of each operation by id.
func documented(t *testing.T, a *api.API) map[string]string {
	t.Helper()
	doc, err := a.OpenAPIJSON()
	if err != nil {
		t.Fatal(err)
	}
	var parsed struct {
		Paths map[string]map[string]struct {
			OperationID string `json:"operationId"`
		}
	}
	if err := json.Unmarshal(doc, &parsed); err != nil {
		t.Fatal(err)
	}
	list := map[string]string{}
	for path, methods := range parsed.Paths {
		for method, op := range methods {
			list[op.OperationID] = strings.ToUpper(method) + " " + path
		}
	}
	return list
}
