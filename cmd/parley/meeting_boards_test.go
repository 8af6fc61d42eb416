package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"parley/signaling"
	"parley/signaling/wire"

	"github.com/gorilla/websocket"
)

// patience is for what must come; nothing is asserted about how soon.
const patience = 2 * time.Minute

// visitor is somebody with a cookie.
type visitor struct {
	t      *testing.T
	url    string // of the server
	cookie string
}

// call makes a request that must be answered with the status, and returns the body.
func (v visitor) call(want int, method, path, body string) string {
	v.t.Helper()
	code, text, _ := request(v.t, method, v.url+"/api/v1"+path, body, "Cookie", v.cookie, "Origin", v.url)
	if code != want {
		v.t.Fatalf("%s %s: %d %s, want %d", method, path, code, text, want)
	}
	return text
}

// enters makes a request whose answer sets a cookie that says who one is from then on.
func enters(t *testing.T, url, path, body string) visitor {
	t.Helper()
	code, text, header := request(t, "POST", url+"/api/v1"+path, body, "Origin", url)
	cookie, _, ok := strings.Cut(header.Get("Set-Cookie"), ";")
	if code >= 300 || !ok {
		t.Fatalf("POST %s: %d %s", path, code, text)
	}
	return visitor{t, url, cookie}
}

func field[T any](t *testing.T, text, name string) (value T) {
	t.Helper()
	var body map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &body); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	if err := json.Unmarshal(body[name], &value); err != nil {
		t.Fatalf("%s of %s: %v", name, text, err)
	}
	return value
}

func (v visitor) dial(path string, protocols ...string) *websocket.Conn {
	v.t.Helper()
	dialer := websocket.Dialer{Subprotocols: protocols, HandshakeTimeout: patience}
	ws, response, err := dialer.Dial("ws"+strings.TrimPrefix(v.url, "http")+path, http.Header{"Cookie": {v.cookie}, "Origin": {v.url}})
	if err != nil {
		v.t.Fatalf("dial %s: %v", path, err)
	}
	_ = response.Body.Close()
	v.t.Cleanup(func() { _ = ws.Close() })
	return ws
}

// seat is a connection to a meeting.
type seat struct {
	t     *testing.T
	ws    *websocket.Conn
	inbox chan wire.ServerMessage // closed when the connection ends
	token string
	id    string
	state wire.Meeting
}

// joins enters a meeting and waits for its state.
func (v visitor) joins(code, resume string) *seat {
	v.t.Helper()
	s := &seat{
		t: v.t, ws: v.dial("/api/v1/meetings/by-code/"+code+"/signal", signaling.Subprotocol), inbox: make(chan wire.ServerMessage, 1024),
	}
	go s.read()
	s.send(&wire.Hello{Version: wire.Version, Client: "test", Resume: resume})
	s.token = hears[*wire.Welcome](s, nil).ResumeToken
	joined := hears[*wire.Joined](s, nil)
	s.id, s.state = joined.Self, joined.Meeting
	return s
}

// read also answers the pings of the server.
func (s *seat) read() {
	defer close(s.inbox)
	for {
		_, data, err := s.ws.ReadMessage()
		if err != nil {
			return
		}
		message, _, err := wire.DecodeServer(data)
		if err != nil {
			s.t.Error(err)
			return
		}
		s.inbox <- message
	}
}

func (s *seat) send(m wire.ClientMessage) {
	s.t.Helper()
	if err := s.ws.WriteMessage(websocket.TextMessage, wire.EncodeClient(m, 1)); err != nil {
		s.t.Fatal(err)
	}
}

// hears returns the next message of type M that matches.
func hears[M wire.ServerMessage](s *seat, match func(M) bool) M {
	s.t.Helper()
	timeout := time.After(patience)
	for {
		select {
		case message, open := <-s.inbox:
			if !open {
				s.t.Fatalf("ended before a %T", *new(M))
			}
			if m, ok := message.(M); ok && (match == nil || match(m)) {
				return m
			}
		case <-timeout:
			s.t.Fatalf("no %T", *new(M))
		}
	}
}

// easel is a connection to a board.
type easel struct {
	t  *testing.T
	ws *websocket.Conn
}

func (v visitor) opens(board string) easel {
	v.t.Helper()
	return easel{v.t, v.dial("/whiteboard/" + board + "?events=1")}
}

// is waits until the board says that the role is this one.
func (e easel) is(role string) {
	e.t.Helper()
	_ = e.ws.SetReadDeadline(time.Now().Add(patience))
	said := regexp.MustCompile(`"type":"(?:ready|role)".*"role":"(\w+)"|"role":"(\w+)".*"type":"(?:ready|role)"`)
	for {
		_, data, err := e.ws.ReadMessage()
		if err != nil {
			e.t.Fatalf("not told to be %s: %v", role, err)
		}
		if found := said.FindSubmatch(data); found != nil && data[0] == 100 && string(found[1])+string(found[2]) == role {
			return
		}
	}
}

// endsWith waits until the board is closed with the code.
func (e easel) endsWith(code int) {
	e.t.Helper()
	_ = e.ws.SetReadDeadline(time.Now().Add(patience))
	for {
		if _, _, err := e.ws.ReadMessage(); err != nil {
			if !websocket.IsCloseError(err, code) {
				e.t.Errorf("closed with %v, want %d", err, code)
			}
			return
		}
	}
}

// TestBoardsInAMeeting follows a board that a guest opens: who may draw on it while the meeting runs, over a restart of the
// server, and afterwards.
func TestBoardsInAMeeting(t *testing.T) {
	const accessLost = 4403
	dir := dataDir(t)
	p := launch(t, dir)
	setup := regexp.MustCompile(`/setup#(\S+)`).FindStringSubmatch(p.out.String())
	host := enters(t, p.url, "/setup", fmt.Sprintf(`{"token":%q,"companyName":"远帆","name":"Olga","login":"olga","password":"correct horse battery","locale":"en"}`, setup[1]))
	link := field[string](t, host.call(200, "POST", "/invitations", `{"role":"member","departmentIds":[],"expiresInHours":24}`), "url")
	member := enters(t, p.url, "/invitations/by-token/"+link[strings.LastIndexAny(link, "/#")+1:]+"/accept", `{"name":"Mei","login":"mei","password":"correct horse battery","locale":"en"}`)
	meeting := host.call(201, "POST", "/meetings", `{"title":"Weekly","guestsAllowed":true}`)
	id, code := field[string](t, meeting, "id"), field[string](t, meeting, "code")
	guest := enters(t, p.url, "/meetings/by-code/"+code+"/guests", `{"name":"Gast"}`)

	guest.call(403, "POST", "/meetings/"+id+"/boards", `{"title":"Too early"}`)
	chair, mei := host.joins(code, ""), member.joins(code, "")
	visit := guest.joins(code, "")
	board := field[string](t, guest.call(201, "POST", "/meetings/"+id+"/boards", `{"title":"Roadmap"}`), "id")
	opened := hears(mei, func(m *wire.MeetingUpdated) bool { return len(m.Meeting.Boards) == 1 }).Meeting
	if b := opened.Boards[0]; b.ID != board || b.Title != "Roadmap" || b.OpenedBy != visit.id || opened.PresentedBoardID != board {
		t.Errorf("opened %+v", opened)
	}

	easels := map[string]easel{"owner": host.opens(board), "member": member.opens(board), "guest": guest.opens(board)}
	easels["owner"].is("owner") // a guest's board is the organizer's
	easels["member"].is("editor")
	easels["guest"].is("editor")
	hosts, everyone := wire.DrawHosts, wire.DrawEveryone
	chair.send(&wire.UpdateSettings{WhoMayDraw: &hosts})
	easels["member"].is("commenter")
	easels["guest"].is("commenter")
	guest.call(403, "POST", "/meetings/"+id+"/boards", `{"title":"Another"}`)
	chair.send(&wire.UpdateSettings{WhoMayDraw: &everyone})
	easels["guest"].is("editor")

	chair.send(&wire.Remove{ParticipantID: visit.id})
	easels["guest"].endsWith(accessLost)
	guest.call(404, "GET", "/boards/"+board, "")
	// Attendance is written behind what happens.
	for deadline := time.Now().Add(patience); !strings.Contains(host.call(200, "GET", "/meetings/"+id+"/attendance", ""), "Mei"); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("Mei's attendance is not written")
		}
	}
	mei.send(&wire.Leave{})
	easels["member"].is("viewer") // who was in the meeting may look at it
	host.call(200, "PATCH", "/boards/"+board, `{"title":"Plan"}`)
	hears(chair, func(m *wire.MeetingUpdated) bool {
		return m.Meeting.Boards[0].Title == "Plan" && m.Meeting.Boards[0].OpenedBy == "" && m.Meeting.PresentedBoardID == board
	})
	p.stop(t)

	p = launch(t, dir)
	host.url, member.url, guest.url = p.url, p.url, p.url
	chair = host.joins(code, chair.token)
	if b := chair.state.Boards; len(b) != 1 || b[0].Title != "Plan" || b[0].OpenedByName != "Gast" || chair.state.PresentedBoardID != board {
		t.Errorf("after the restart: %+v", chair.state)
	}
	mei = member.joins(code, mei.token)
	drawing := member.opens(board)
	drawing.is("editor")
	member.call(403, "DELETE", "/meetings/"+id+"/boards/"+board, "")
	host.call(204, "DELETE", "/meetings/"+id+"/boards/"+board, "")
	hears(mei, func(m *wire.MeetingUpdated) bool {
		return len(m.Meeting.Boards) == 0 && m.Meeting.PresentedBoardID == ""
	})
	drawing.is("viewer")
	host.call(404, "DELETE", "/meetings/"+id+"/boards/"+board, "")

	host.call(201, "POST", "/meetings/"+id+"/boards", fmt.Sprintf(`{"boardId":%q}`, board))
	drawing.is("editor")
	chair.send(&wire.End{})
	drawing.is("viewer")
	if role := field[string](t, member.call(200, "GET", "/boards/"+board, ""), "role"); role != "viewer" {
		t.Errorf("afterwards Mei is %s", role)
	}
	if list := field[[]json.RawMessage](t, member.call(200, "GET", "/meetings/"+id+"/boards", ""), "items"); len(list) != 1 {
		t.Errorf("boards of the meeting: %s", list)
	}
	guest.call(404, "GET", "/meetings/"+id+"/boards", "")
}
